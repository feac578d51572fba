"""``imagekit boot``: boot throw-away clones of an image, and prove that they are machines of their own."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.saving import save
from imagekit_cli.shared_options import Common

NAME = "imagekit boot"
EXAMPLES = """\
Examples:
  imagekit boot web.qcow2
  imagekit boot web.qcow2 --clones 3 --junit boot.xml --keep-serial logs
  imagekit boot web.qcow2 --same-hardware --no-seed --json
"""
_STATUS = {"passed": 0, "failed": 5, "undecided": 6}
_IMAGE = typer.Argument(metavar="IMAGE", help="A qcow2 or raw image. It is not changed.")
_CLONES = typer.Option("--clones", metavar="N", min=1, max=16, help="How many clones.")
_NO_SEED = typer.Option("--no-seed", help="Give them no NoCloud seed disk, even if the guest has cloud-init.")
_SAME = typer.Option(
    "--same-hardware", help="Give all the same MAC, UUID and serial number; name what comes from those."
)
_FIRMWARE = typer.Option("--firmware", help="Boot by BIOS or UEFI; auto takes what the image has.")
_SECONDS = typer.Option(
    "--boot-timeout", metavar="SECONDS", min=1, help="For one boot; 600 by emulation, 180 with KVM."
)
_JUNIT = typer.Option("--junit", metavar="FILE", help="Write the result as JUnit XML, too.")
_SERIAL = typer.Option("--keep-serial", metavar="DIR", help="Keep every serial log there; else those of a failure.")


def boot(
    image: Annotated[Path, _IMAGE],
    clones: Annotated[int, _CLONES] = 2,
    no_seed: Annotated[bool, _NO_SEED] = False,
    same_hardware: Annotated[bool, _SAME] = False,
    firmware: Annotated[Literal["auto", "bios", "uefi"], _FIRMWARE] = "auto",
    boot_timeout: Annotated[float | None, _SECONDS] = None,
    junit: Annotated[Path | None, _JUNIT] = None,
    keep_serial: Annotated[Path | None, _SERIAL] = None,
    *,
    common: Common,
) -> int:
    """Boot throw-away clones, twice each, and compare them offline.

    Every identity must come back, differ between clones, and stay over the second boot; no unit may fail. Exits with 5
    if that is not so, with 6 if a boot was left undecided.
    """
    from imagekit.engine.booting import boot as try_clones
    from imagekit.engine.booting.junit import junit_text
    from imagekit_cli.render.boot import boot_lines

    with watching(common) as on_event:
        report = try_clones(
            image,
            clones=clones,
            seed=not no_seed,
            same_hardware=same_hardware,
            firmware=firmware,
            timeout=boot_timeout,
            keep_serial=keep_serial,
            options=common.options(),
            on_event=on_event,
        )
        if junit is not None:
            save(junit_text(report), junit, "the report")
    if common.json:
        emit_json(report.model_dump(mode="json"))
    else:
        emit(boot_lines(report))
    return _STATUS[report.verdict]
