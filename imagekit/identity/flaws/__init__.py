"""The flaws that audit looks for, one a module; a module's ``FLAW`` is its flaw."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.identity.flaw import Flaw


def load_flaws() -> tuple[Flaw, ...]:
    """Return the flaw of every module in this folder, in the order of the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").FLAW for name in names)
