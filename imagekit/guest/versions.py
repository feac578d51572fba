"""The order of versions as people read them: numbers count as numbers."""

from __future__ import annotations

import re


def version_key(version: str) -> tuple[str | int, ...]:
    """Return what to sort versions by, so that 6.1.0-9 comes before 6.1.0-18.

    Text and numbers take turns in the key, beginning with text, so any two keys can be compared.
    """
    return tuple(int(part) if i % 2 else part for i, part in enumerate(re.split(r"([0-9]+)", version)))
