"""``imagekit schema``: the JSON Schema of specs, for editors."""

from imagekit_cli.output import emit_json
from imagekit_cli.progress import watching
from imagekit_cli.shared_options import Common

NAME = "imagekit schema"
EXAMPLES = """\
Examples:
  imagekit schema > imagekit.schema.json
"""


def schema(*, common: Common) -> int:
    """Print the JSON Schema of specs, for editors.

    It has every kind that is installed.
    """
    from imagekit.engine.describing import describe_spec

    with watching(common):
        described = describe_spec()
    emit_json(described.root)
    return 0
