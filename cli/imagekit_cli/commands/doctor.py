"""``imagekit doctor``: can this host do the work, as fast as it could, and if not, which command mends it."""

from typing import Annotated

import typer

from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.shared_options import Common

NAME = "imagekit doctor"
EXAMPLES = """\
Examples:
  imagekit doctor
  imagekit doctor --quick --json
"""
_HOST_CANNOT = 3


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Start no appliance; KVM is then not tried.")] = False,
    *,
    common: Common,
) -> int:
    """Can this host do the work, and what mends it?

    An appliance is really started, with KVM if that works; what is found of KVM is remembered.
    """
    from imagekit.engine.doctor import doctor as examine
    from imagekit_cli.render.doctor import doctor_lines

    with watching(common) as on_event:
        found = examine(quick=quick, options=common.options(), on_event=on_event)
    if common.json:
        emit_json(found.model_dump(mode="json"))
    else:
        emit(doctor_lines(found))
    return 0 if found.able else _HOST_CANNOT
