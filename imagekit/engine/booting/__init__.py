"""``boot``: throw-away clones of an image, booted twice each and compared."""

from __future__ import annotations

from imagekit.engine.booting.report import BootReport
from imagekit.engine.booting.trial import boot

__all__ = ["BootReport", "boot"]
