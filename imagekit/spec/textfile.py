"""Text files of the host that somebody wrote by hand, and the nearest name where there is none of that name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from imagekit.diagnostics import Diagnostic
from imagekit.spec.yamltext import LARGEST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_YAML = (".yaml", ".yml")


def read_text(path: Path, name: str) -> tuple[str | None, Diagnostic | None]:
    """Return the text of a YAML file, as much of it as a reader takes and one byte more; or why it cannot be read."""
    try:
        with path.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        return content.decode("utf-8-sig"), None
    except OSError as error:
        near = neighbour(path, _YAML) if isinstance(error, FileNotFoundError) else ""
        reason, fix = error.strerror or "it cannot be opened", f'did you mean "{near}"?' if near else ""
    except UnicodeDecodeError as error:
        reason, fix = f"byte {error.start} is not UTF-8 text", "save the file as UTF-8"
    return None, Diagnostic("IK-SPEC-002", f"cannot read {name}: {reason}", fix=fix)


def neighbour(path: Path, suffixes: Sequence[str] = ()) -> str:
    """Return the file in the same folder whose name is nearest, of those with one of the suffixes if any; or ""."""
    try:
        names = [each.name for each in path.parent.iterdir() if not suffixes or each.suffix in suffixes]
    except OSError:
        return ""
    return next(iter(difflib.get_close_matches(path.name, sorted(names), n=1)), "")
