"""The interpreter, and whether the ``imagekit`` that it imports is this one."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING

from imagekit.engine.doctor.check import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN = "imagekit-guestfs"
_OLDEST = (3, 11)


def check_python(found: tuple[int, int] = sys.version_info[:2]) -> Check:
    """Is Python new enough?"""
    told = f"{platform.python_version()}, {sys.executable}"
    if found < _OLDEST:
        return Check(
            name="Python", state="fail", detail=f"{told}; 3.11 or later is needed", fix="apt-get install python3"
        )
    return Check(name="Python", state="ok", detail=told)


def check_package(owners: Mapping[str, list[str]] | None = None) -> Check:
    """Does another distribution bring a package of the same name, as django-imagekit does?"""
    known = packages_distributions() if owners is None else owners
    foreign = sorted({name for name in known.get("imagekit", ()) if name.lower().replace("_", "-") != _OWN})
    if not foreign:
        return Check(name="package imagekit", state="ok", detail="no other distribution brings one")
    return Check(
        name="package imagekit",
        state="fail",
        detail=f"{' and '.join(foreign)} brings one too, and their files get mixed",
        fix="python3 -m venv imagekit-venv && imagekit-venv/bin/pip install imagekit-guestfs",
    )
