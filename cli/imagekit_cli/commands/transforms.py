"""``imagekit transforms``: the kinds that a spec may use, or one of them with its fields and an example."""

from typing import Annotated

import typer

from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.shared_options import Common

NAME = "imagekit transforms"
EXAMPLES = """\
Examples:
  imagekit transforms
  imagekit transforms write-files
"""


def transforms(
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help="Show this one, with its fields.")] = None,
    *,
    common: Common,
) -> int:
    """List the kinds of transforms, or show one whole.

    One is shown with its fields and an example.
    """
    from imagekit.engine.describing import describe_kinds
    from imagekit_cli.render.kinds import kind_lines, list_lines

    with watching(common):
        described = describe_kinds(kind)
    if common.json:
        emit_json(described.model_dump(mode="json"))
    else:
        emit(kind_lines(described.kinds[0]) if kind else list_lines(described))
    return 0
