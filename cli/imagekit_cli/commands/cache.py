"""``imagekit cache``: what is kept on this host to be faster next time, and how to be rid of it."""

from enum import StrEnum
from typing import Annotated

import typer

from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.shared_options import Common

NAME = "imagekit cache"
EXAMPLES = """\
Examples:
  imagekit cache
  imagekit cache prune
  imagekit cache clear --json
"""


class Action(StrEnum):
    """What is done with it."""

    show = "show"
    prune = "prune"
    clear = "clear"


def cache(
    action: Annotated[
        Action, typer.Argument(metavar="ACTION", help="prune: what is broken, old or too much. clear: all.")
    ] = Action.show,
    *,
    common: Common,
) -> int:
    """Show, prune or clear what imagekit keeps on this host.

    Saved appliances, what was found out of KVM, and digests of images: all of it is made anew when it is missing.
    """
    from imagekit.engine.caching import cache as care
    from imagekit_cli.render.cache import cache_lines

    with watching(common):
        found = care(action.value)
    if common.json:
        emit_json(found.model_dump(mode="json"))
    else:
        emit(cache_lines(found))
    return 0
