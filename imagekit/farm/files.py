"""The files that a farm names, by name or by pattern."""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from imagekit.spec.textfile import neighbour

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imagekit.diagnostics import Diagnostic
    from imagekit.farm.document import Farm

Kind = Literal["images", "specs"]
_FOLDER, _GONE = "is a folder", "does not exist"
_RECORDS = ".receipt.json"


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its absolute path, and how the farm may name it, relative to the farm's folder."""

    path: Path
    shown: str

    @property
    def stem(self) -> str:
        """Its name without its suffix."""
        return self.path.stem


class Folder:
    """The folder of a farm; links in the folders of a path are resolved, those of files are kept, since they name it."""

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.realpath(path))  # which takes links in a circle as they are
        self._resolved: dict[str, Path] = {}

    def absolute(self, name: str) -> Path:
        """Return an absolute path without links but for its last part, and without ``..``."""
        above, last = os.path.split(name)
        if last in ("", ".", ".."):
            return Path(os.path.realpath(self.path / name))
        if above not in self._resolved:
            self._resolved[above] = Path(os.path.realpath(self.path / above))
        return self._resolved[above] / last


def find_files(farm: Farm, kind: Kind, folder: Folder) -> tuple[tuple[Found, ...], list[Diagnostic]]:
    """Return the files of one kind, sorted, each once; and what is wrong with the names and patterns."""
    found: dict[Path, Found] = {}
    problems: list[Diagnostic] = []
    for index, text in enumerate(getattr(farm, kind)):
        names = (text,) if _is_name(text, folder) else _matches(text, folder)
        files = [Found(folder.absolute(name), name) for name in names]
        problems += _missing(farm, (kind, index), text, files, folder)
        for each in files:
            found.setdefault(each.path, each)
    return tuple(sorted(found.values(), key=lambda each: each.path)), problems


def takes(patterns: Sequence[str], path: Path, folder: Folder) -> str:
    """Return the first of the patterns of a farm that takes a path, or ""; a plain name is no pattern."""
    shown = os.path.relpath(path, folder.path)
    for text in patterns:
        plain = os.path.normpath(text)
        told = str(path) if plain.startswith("/") else shown
        if glob.has_magic(text) and _fits(told.split("/"), plain.split("/")):
            return text
    return ""


def _is_name(text: str, folder: Folder) -> bool:
    return not glob.has_magic(text) or os.path.lexists(folder.path / text)


def _matches(pattern: str, folder: Folder) -> list[str]:
    """Return the files that a pattern takes, without the records that imagekit puts beside images."""
    names = glob.glob(pattern, root_dir=folder.path, recursive=True)  # noqa: PTH207  Path.glob refuses absolute ones
    return [name for name in names if not name.endswith(_RECORDS) and _reason(folder.path / name) != _FOLDER]


def _missing(
    farm: Farm, at: tuple[str, int], text: str, files: Sequence[Found], folder: Folder
) -> Iterator[Diagnostic]:
    if not files:
        first, slash, _ = text.partition("/")
        gone = slash and first and not glob.has_magic(first) and not (folder.path / first).is_dir()
        why = f"there is no folder {first}" if gone else f"patterns are relative to the farm's folder, {folder.path}"
        yield farm.diagnostic("IK-FARM-030", f"no file matches {text}", at, why=why)
    for each in files:
        reason = _reason(each.path)
        near = neighbour(each.path) if reason == _GONE else ""
        fix = f'did you mean "{Path(text).with_name(near)}"?' if near else ""
        if reason == _FOLDER:
            fix = f"{text.rstrip('/')}/{'*.qcow2' if at[0] == 'images' else '*.yaml'}"
        why = f"names are relative to the farm's folder, {folder.path}" if reason == _GONE and not near else ""
        if reason:
            yield farm.diagnostic("IK-FARM-031", f"{each.shown} {reason}", at, why=why, fix=fix)


def _reason(path: Path) -> str:
    """Return why there is no file to take, or ""."""
    try:
        return _FOLDER if stat.S_ISDIR(path.stat().st_mode) else ""
    except (FileNotFoundError, NotADirectoryError):
        return _GONE
    except OSError as error:
        return f"cannot be used: {error.strerror}"


def _fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Tell whether a path fits a pattern, part by part; ``**`` is any number of parts, as for glob."""
    if not patterns:
        return not names
    if patterns[0] == "**":
        return _fits(names, patterns[1:]) or (bool(names) and _fits(names[1:], patterns))
    return bool(names) and fnmatch.fnmatchcase(names[0], patterns[0]) and _fits(names[1:], patterns[1:])
