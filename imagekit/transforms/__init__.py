"""The built-in kinds, one module each; ``imagekit.transforms.MachineId`` is the class of ``machine_id.py``."""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.transform import Transform


def __getattr__(name: str) -> type[Transform]:
    """Load a kind by the name of its class at first use (PEP 562): what ``ls`` shows is what there is."""
    module = f"{__name__}.{re.sub(r'(?<!^)(?=[A-Z])', '_', name).lower()}"
    if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name) or importlib.util.find_spec(module) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    kind: type[Transform] = getattr(importlib.import_module(module), name)
    return kind
