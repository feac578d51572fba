"""The page as a file: whole, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.errors import HostError
from imagekit.farm.report.gathering import page_of
from imagekit.farm.report.html import render_report
from imagekit.hostdisk import replace_text

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.farm.summary import BatchReport


class PageNotWritten(HostError):
    """The folder or the disk does not let the page be written."""

    code = "IK-FARM-090"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot write the page {path}: {reason}", fix="name another file with --html")


def write_report(report: BatchReport, path: Path) -> None:
    """Write the page of a run; one that was there is replaced by an atomic rename.

    Raises:
        PageNotWritten: the folder or the disk does not let it.
    """
    text = render_report(page_of(report, path))
    try:
        replace_text(path, text)
    except OSError as error:
        raise PageNotWritten(path, error.strerror or str(error)) from error
