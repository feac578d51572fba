"""``imagekit plan``: what would change, file by file; nothing is written."""

from pathlib import Path
from typing import Annotated

import typer

from imagekit_cli.commands.arguments import Base, Secret, Set, Specs, load
from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.saving import save
from imagekit_cli.shared_options import Common

NAME = "imagekit plan"
EXAMPLES = """\
Examples:
  imagekit plan base.qcow2 spec.yaml --diff
  imagekit plan base.qcow2 spec.yaml --static
  imagekit plan base.qcow2 spec.yaml -o web.plan.json --exit-code
"""
_WOULD_CHANGE = 5
_DIFF = typer.Option("--diff", help="Show what changes in texts.")
_STATIC = typer.Option("--static", help="Run no guest programs; list the steps that would.")
_OUTPUT = typer.Option("-o", "--output", metavar="PLAN", help="Save the plan, for customize --expect.")
_EXIT_CODE = typer.Option("--exit-code", help="Exit with 5 if anything would change.")


def plan(
    base: Base,
    specs: Specs,
    diff: Annotated[bool, _DIFF] = False,
    static: Annotated[bool, _STATIC] = False,
    output: Annotated[Path | None, _OUTPUT] = None,
    exit_code: Annotated[bool, _EXIT_CODE] = False,
    variables: Set = [],  # noqa: B006  typer hands out a list of its own
    secrets: Secret = [],  # noqa: B006  as above
    *,
    common: Common,
) -> int:
    """Show what customize would change.

    It does run guest programs, unless --static, on an overlay that is thrown away. Nothing is written.
    """
    from imagekit.engine.planning import plan as make
    from imagekit_cli.render.plan import plan_lines

    with watching(common) as on_event:
        spec = load(specs, variables, secrets, NAME)
        report = make(base, spec, static=static, options=common.options(), on_event=on_event)
        if output is not None:
            save(report.model_dump_json(indent=2) + "\n", output, "the plan")
    if common.json:
        emit_json(report.model_dump(mode="json"))
    else:
        emit(plan_lines(report, diffs=diff))
    return _WOULD_CHANGE if exit_code and not report.empty else 0
