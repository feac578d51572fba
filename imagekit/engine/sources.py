"""What a caller gives as a spec: a Spec, one file, or several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.spec import Spec, load_spec

if TYPE_CHECKING:
    from collections.abc import Sequence


def as_spec(given: Spec | str | Path | Sequence[str | Path]) -> Spec:
    """Return the spec that was given, loaded if it is one or more files.

    Raises:
        SpecInvalid: with every problem.
    """
    if isinstance(given, Spec):
        return given
    if isinstance(given, str | Path):
        return load_spec(given)
    return load_spec(*given)
