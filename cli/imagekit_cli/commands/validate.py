"""``imagekit validate``: check a spec whatever the image, all problems at once."""

from imagekit_cli.commands.arguments import Secret, Set, Specs, pairs
from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.shared_options import Common

NAME = "imagekit validate"
EXAMPLES = """\
Examples:
  imagekit validate spec.yaml
  imagekit validate site.yaml web.yaml --set site=rome --json
"""


def validate(
    specs: Specs,
    variables: Set = [],  # noqa: B006  typer hands out a list of its own
    secrets: Secret = [],  # noqa: B006  as above
    *,
    common: Common,
) -> int:
    """Check specs whatever the image, all problems at once.

    They are taken together and in order, as customize would take them. Secrets are not read.
    """
    chosen, sources = pairs("--set", variables, NAME), pairs("--secret", secrets, NAME)
    from imagekit.engine.validating import validate as check
    from imagekit_cli.render.validation import validation_lines

    with watching(common):
        report = check(*specs, variables=chosen, secrets=sources)
    if common.json:
        emit_json(report.model_dump(mode="json"))
    else:
        emit(validation_lines(report))
    return 0
