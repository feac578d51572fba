"""``imagekit seed``: a NoCloud seed disk that tells cloud-init who a machine is."""

from pathlib import Path
from typing import Annotated

import typer

from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.shared_options import Common

NAME = "imagekit seed"
EXAMPLES = """\
Examples:
  imagekit seed -o seed.iso --user-data user-data.yaml
  imagekit seed -o web-1.iso --user-data user-data --meta-data web-1.yaml --network-config net.yaml --force
"""


def _file(option: str, text: str) -> typer.models.OptionInfo:
    made: typer.models.OptionInfo = typer.Option(option, metavar="FILE", help=text)
    return made


def seed(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", help="The ISO 9660 file to write.")],
    user_data: Annotated[Path | None, _file("--user-data", "cloud-config, a script, or what cloud-init knows.")] = None,
    meta_data: Annotated[Path | None, _file("--meta-data", "YAML; an instance-id is added if it has none.")] = None,
    vendor_data: Annotated[Path | None, _file("--vendor-data", "As user data, and weaker.")] = None,
    network_config: Annotated[Path | None, _file("--network-config", "YAML, version 1 or 2.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT.")] = False,
    *,
    common: Common,
) -> int:
    """Write a NoCloud seed disk: what tells cloud-init who a machine is.

    It is checked first: cloud-init drops what it does not know without a word. Attach it as a disk or a CD.
    """
    from imagekit.engine.seeding import seed as write
    from imagekit_cli.render.seeding import seed_lines

    with watching(common):
        report = write(
            output,
            user_data=user_data,
            meta_data=meta_data,
            vendor_data=vendor_data,
            network_config=network_config,
            force=force,
        )
    if common.json:
        emit_json(report.model_dump(mode="json"))
    else:
        emit(seed_lines(report))
    return 0
