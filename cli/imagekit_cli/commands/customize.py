"""``imagekit customize``: apply specs to a copy of an image, and publish it whole or not at all."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imagekit_cli.commands.arguments import Base, Secret, Set, Specs, load
from imagekit_cli.errors import BadUsage
from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.shared_options import Common

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imagekit.spec import Spec

NAME = "imagekit customize"
EXAMPLES = """\
Examples:
  imagekit customize base.qcow2 spec.yaml
  imagekit customize base.qcow2 site.yaml web.yaml -o web.qcow2 --set site=rome --compress zstd
  imagekit customize base.qcow2 spec.yaml -o web.qcow2 --secret deploy_password=env:DEPLOY_PASSWORD
"""


class Format(StrEnum):
    """Formats of an output."""

    qcow2 = "qcow2"
    raw = "raw"


class Compress(StrEnum):
    """How a qcow2 output is compressed."""

    none = "none"
    zstd = "zstd"
    zlib = "zlib"


_OUTPUT = typer.Option("-o", "--output", metavar="OUT", help="The image to make; BASE's name with the spec's, here.")
_FORMAT = typer.Option("--format", help="Format of OUT; unless said the spec's, else BASE's.")
_COMPRESS = typer.Option("--compress", help="Compression of a qcow2 OUT; unless said the spec's, else none.")
_THIN = typer.Option("--thin", help="Keep BASE as OUT's backing file.")
_IN_PLACE = typer.Option("--in-place", help="Replace BASE, by an atomic rename.")
_FORCE = typer.Option("--force", help="Replace OUT if it is there.")
_KEEP_FAILED = typer.Option("--keep-failed", help="Keep the overlay of a build that fails, for a look.")
_NO_RECEIPT = typer.Option("--no-receipt", help="Write no OUT.receipt.json.")
_PROVE = typer.Option(
    "--prove", help="Publish the result only if it passes an audit and its clones boot as they should."
)
_EXPECT = typer.Option("--expect", metavar="PLAN", help="Publish only if the changes are those of this saved plan.")


def customize(
    base: Base,
    specs: Specs,
    output: Annotated[Path | None, _OUTPUT] = None,
    form: Annotated[Format | None, _FORMAT] = None,
    compress: Annotated[Compress | None, _COMPRESS] = None,
    thin: Annotated[bool, _THIN] = False,
    in_place: Annotated[bool, _IN_PLACE] = False,
    force: Annotated[bool, _FORCE] = False,
    variables: Set = [],  # noqa: B006  typer hands out a list of its own
    secrets: Secret = [],  # noqa: B006  as above
    keep_failed: Annotated[bool, _KEEP_FAILED] = False,
    no_receipt: Annotated[bool, _NO_RECEIPT] = False,
    prove: Annotated[bool, _PROVE] = False,
    expect: Annotated[Path | None, _EXPECT] = None,
    *,
    common: Common,
) -> int:
    """Make a customized copy of an image, whole or not at all.

    The specs are applied in their order. BASE is never written to, but for a finished --in-place.
    """
    if in_place and (output or form or thin):
        raise BadUsage("--in-place cannot go with -o, --format or --thin", NAME, why="the result takes BASE's place")
    how = {
        "output": output,
        "format": form.value if form else None,
        "compress": compress.value if compress else None,
        "thin": thin,
        "in_place": in_place,
        "force": force,
        "receipt": not no_receipt,
        "keep_failed": keep_failed,
        "proven": prove,
    }
    return _build(base, lambda: load(specs, variables, secrets, NAME), expect, how, common)


def _build(
    base: Path, spec: "Callable[[], Spec]", expect: Path | None, how: "Mapping[str, Any]", common: Common
) -> int:
    """Build, and tell what was done."""
    from imagekit.engine.customize import customize as build
    from imagekit.engine.planning import read_plan
    from imagekit_cli.render.receipt import receipt_lines

    with watching(common) as on_event:
        expected = read_plan(expect) if expect else None
        receipt = build(base, spec(), expected=expected, options=common.options(), on_event=on_event, **how)
    if common.json:
        emit_json(receipt.model_dump(mode="json"))
        return 0
    folder = base.resolve().parent if how["in_place"] else (how["output"] or Path()).parent
    emit(receipt_lines(receipt, folder, written=how["receipt"]))
    return 0
