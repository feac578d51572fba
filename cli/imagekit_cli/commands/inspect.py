"""``imagekit inspect``: the facts of an image and of the guest in it."""

from pathlib import Path
from typing import Annotated

import typer

from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.shared_options import Common

NAME = "imagekit inspect"
EXAMPLES = """\
Examples:
  imagekit inspect base.qcow2
  imagekit inspect base.qcow2 --key /dev/sda2=file:disk.key --json
"""


def inspect(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A qcow2 or raw image. It is not changed.")],
    *,
    common: Common,
) -> int:
    """Show the facts of an image and of the guest in it."""
    from imagekit.engine.inspecting import inspect as look
    from imagekit_cli.render.inspection import inspection_lines

    with watching(common) as on_event:
        found = look(image, options=common.options(), on_event=on_event)
    if common.json:
        emit_json(found.model_dump(mode="json"))
    else:
        emit(inspection_lines(found))
    return 0
