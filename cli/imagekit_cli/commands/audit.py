"""``imagekit audit``: is this image fit to be cloned?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from imagekit_cli.output import emit, emit_json
from imagekit_cli.progress import watching
from imagekit_cli.saving import save
from imagekit_cli.shared_options import Common

if TYPE_CHECKING:
    from imagekit.engine.auditing import AuditReport

NAME = "imagekit audit"
EXAMPLES = """\
Examples:
  imagekit audit web.qcow2
  imagekit audit web.qcow2 db.qcow2 --fail-on warning --waivers waivers.yaml --html audit.html
  imagekit audit web.qcow2 --deep
  imagekit audit clone-1.qcow2 clone-2.qcow2 --as instance --strict --junit audit.xml
"""
_NOT_AUDITED = 4
_FINDINGS = 5
_IMAGES = typer.Argument(metavar="IMAGE", help="qcow2 or raw images. They are not changed.")
_AS = typer.Option("--as", help="What they are for: to be cloned, or to be one machine each.")
_FAIL_ON = typer.Option("--fail-on", help="How bad a finding must be for exit status 5.")
_STRICT = typer.Option("--strict", help="Exit with 5 also if something could not be checked.")
_DEEP = typer.Option("--deep", help="Search the raw bytes of the disk for deleted secrets too; reads all of it.")
_WAIVERS = typer.Option("--waivers", metavar="FILE", help="YAML: findings that may pass, with a reason and a last day.")


def _form(option: str, text: str) -> typer.models.OptionInfo:
    made: typer.models.OptionInfo = typer.Option(option, metavar="FILE", help=text)
    return made


def audit(
    images: Annotated[list[Path], _IMAGES],
    as_: Annotated[Literal["template", "instance"], _AS] = "template",
    fail_on: Annotated[Literal["error", "warning", "never"], _FAIL_ON] = "error",
    strict: Annotated[bool, _STRICT] = False,
    deep: Annotated[bool, _DEEP] = False,
    waivers: Annotated[Path | None, _WAIVERS] = None,
    html: Annotated[Path | None, _form("--html", "Write the report as a page that needs nothing else.")] = None,
    sarif: Annotated[Path | None, _form("--sarif", "Write it as SARIF 2.1.0, for code hosts and editors.")] = None,
    junit: Annotated[Path | None, _form("--junit", "Write it as JUnit XML, for CI servers.")] = None,
    *,
    common: Common,
) -> int:
    """Tell whether images are fit to be cloned, and what mends those that are not.

    Of several images, also what they share that they should not. Nothing is written but the reports asked for.
    """
    from imagekit.engine.auditing import audit as look
    from imagekit_cli.render.audit import audit_lines

    with watching(common) as on_event:
        report = look(
            images,
            as_=as_,
            fail_on=fail_on,
            strict=strict,
            deep=deep,
            waivers=waivers or (),
            options=common.options(),
            on_event=on_event,
        )
        _save(report, {"html": html, "sarif": sarif, "junit": junit})
    if common.json:
        emit_json(report.model_dump(mode="json"))
    else:
        emit(audit_lines(report))
    if any(image.refused for image in report.images):
        return _NOT_AUDITED
    return 0 if report.passed else _FINDINGS


def _save(report: "AuditReport", files: "dict[Literal['html', 'sarif', 'junit'], Path | None]") -> None:
    from imagekit.engine.auditing import render_audit

    for form, path in files.items():
        if path is not None:
            save(render_audit(report, form), path, "the report")
