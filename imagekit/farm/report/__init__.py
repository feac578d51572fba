"""A farm as one page: ``--html report.html``."""

from imagekit.farm.report.gathering import page_of
from imagekit.farm.report.html import render_report
from imagekit.farm.report.writing import write_report

__all__ = ["page_of", "render_report", "write_report"]
