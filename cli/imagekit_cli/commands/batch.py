"""``imagekit batch``: many images by many specs, each job for itself, and none done twice."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imagekit_cli.commands.arguments import Set, age, pairs
from imagekit_cli.farm_progress import watching_farm
from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.shared_options import Common

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "imagekit batch"
EXAMPLES = """\
Examples:
  imagekit batch farm.yaml --dry-run
  imagekit batch farm.yaml --jobs 2 --html report.html
  imagekit batch farm.yaml --resume --only 'web-*' --set site=rome
  imagekit batch farm.yaml --resume --shard 3/8 --timeout 900 --json
  imagekit batch farm.yaml --scheduler tcp://10.0.0.5:8786
"""
_FARM = typer.Argument(metavar="FARM", help="A YAML file: images, specs, matrix, exclude, output.")
_JOBS = typer.Option(
    "--jobs", "-j", metavar="N", min=1, help="How many run at a time; from cores, memory and disk unless said."
)
_DRY_RUN = typer.Option("--dry-run", help="List the jobs, and with --resume why each would run; nothing is begun.")
_ONLY = typer.Option("--only", metavar="GLOB", help="Jobs whose id is like this; may be repeated.")
_FAIL_FAST = typer.Option("--fail-fast", help="Begin no more jobs after the first that failed.")
_RESUME = typer.Option("--resume", help="Do what is missing or changed, and leave what is done.")
_FORCE = typer.Option("--force", help="Do every job anew, and replace outputs that are there.")
_REFRESH = typer.Option("--refresh", metavar="AGE", help="Make outputs anew that are older: 7d, 12h, 30m.")
_RETRIES = typer.Option(
    "--retries", metavar="N", min=0, max=10, help="How often a job may run once more after trouble of the host."
)
_SECRET = typer.Option("--secret", metavar="NAME=SOURCE", help="env:VAR or file:PATH; may be repeated.")
_HTML = typer.Option("--html", metavar="FILE", help="Write a report as a page that needs nothing else.")
_SCHEDULER = typer.Option("--scheduler", metavar="ADDRESS", help="Run on this Dask cluster: tcp://HOST:PORT.")
_SHARD = typer.Option("--shard", metavar="I/N", help="Only the I-th of N parts of the farm; I counts from 1.")


def batch(
    farm: Annotated[Path, _FARM],
    jobs: Annotated[int | None, _JOBS] = None,
    dry_run: Annotated[bool, _DRY_RUN] = False,
    only: Annotated[list[str], _ONLY] = [],  # noqa: B006  typer hands out a list of its own
    fail_fast: Annotated[bool, _FAIL_FAST] = False,
    resume: Annotated[bool, _RESUME] = False,
    force: Annotated[bool, _FORCE] = False,
    refresh: Annotated[str, _REFRESH] = "",
    retries: Annotated[int, _RETRIES] = 2,
    variables: Set = [],  # noqa: B006  as above
    secrets: Annotated[list[str], _SECRET] = [],  # noqa: B006  as above
    html: Annotated[Path | None, _HTML] = None,
    scheduler: Annotated[str | None, _SCHEDULER] = None,
    shard: Annotated[str, _SHARD] = "",
    *,
    common: Common,
) -> int:
    """Make many images: each image by each spec by each value of the matrix.

    One failure stops no other job. What became of each is in a journal beside the outputs, so that --resume goes on
    after any end. --timeout holds for each job. With --json each event is a line. Exits with 7 if any job failed.
    """
    from imagekit.farm.choosing import parse_shard

    which: dict[str, Any] = {"jobs": jobs, "resume": resume, "force": force, "only": tuple(only)}
    which["shard"] = parse_shard(shard) if shard else None
    which["refresh"] = age("--refresh", refresh, NAME) if refresh else None
    which |= {"variables": pairs("--set", variables, NAME), "secrets": pairs("--secret", secrets, NAME)}
    if dry_run:
        return _list(farm, which, common)
    how = {**which, "fail_fast": fail_fast, "retries": retries, "html": html, "scheduler": scheduler}
    return _run(farm, how, common)


def _list(farm: Path, which: "Mapping[str, Any]", common: Common) -> int:
    """Tell which jobs there are."""
    from imagekit.farm.listing import list_jobs
    from imagekit_cli.render.batch import listing_lines

    with watching(common):
        listing = list_jobs(farm, options=common.options(), **which)
    if common.json:
        emit_json(listing.model_dump(mode="json"))
    else:
        emit(listing_lines(listing))
    return 0


def _run(farm: Path, how: "Mapping[str, Any]", common: Common) -> int:
    """Run the jobs, and tell what became of them."""
    from imagekit.farm.batching import batch as run_farm
    from imagekit_cli.render.batch import summary_lines

    with watching_farm(common) as on_event:
        report = run_farm(farm, options=common.options(), on_event=on_event, **how)
    if not common.json:
        emit(summary_lines(report, how["html"]))
    return report.exit_status
