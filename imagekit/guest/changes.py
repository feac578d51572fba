"""What a step changed: states of files, changes between two states, text diffs. Pure."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from imagekit.guest.protocol import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

Action = Literal["created", "changed", "removed"]


def _octal(value: Any) -> Any:
    return int(value, 8) if isinstance(value, str) else value


Mode = Annotated[
    int,
    BeforeValidator(_octal),
    PlainSerializer(lambda mode: f"{mode:04o}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-7]{4}$"}),
]
"""Permission bits: an int here, four octal digits where it is written down, so that no reader takes 644 for 0644."""


class FileState(BaseModel):
    """What a path was at one moment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    mode: Mode = Field(description="Permission bits, four octal digits.")
    uid: int
    gid: int
    size: int | None = Field(None, description="Bytes of a regular file; null for others, and where it is concealed.")
    sha256: str | None = Field(
        None, description="Digest of a regular file; null where it is concealed, or went with its directory."
    )
    target: str | None = Field(None, description="Target of a symbolic link; null where it is concealed.")

    def concealed(self) -> FileState:
        """Return the state without what tells anything of the content."""
        return self.model_copy(update={"size": None, "sha256": None, "target": None})


class Change(BaseModel):
    """One path that is not what it was."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    action: Action
    before: FileState | None = None
    after: FileState | None = None
    attributes: tuple[str, ...] = Field((), description="Names of the extended attributes that were set.")
    diff: str | None = Field(None, description="Unified diff of a small text; null for others and where concealed.")

    def concealed(self) -> Change:
        """Return the change without what tells anything of the content."""
        return self.model_copy(
            update={
                "before": self.before and self.before.concealed(),
                "after": self.after and self.after.concealed(),
                "diff": None,
            }
        )


def change_between(
    path: str, before: FileState | None, after: FileState | None, *, attributes: tuple[str, ...] = ()
) -> Change | None:
    """Return what changed at a path between two states, None being nothing there; None if nothing did."""
    if before == after and not (attributes and after):
        return None
    action: Action = "created" if before is None else "removed" if after is None else "changed"
    return Change(path=path, action=action, before=before, after=after, attributes=attributes if after else ())


def compare_trees(before: Mapping[str, FileState], after: Mapping[str, FileState]) -> tuple[Change, ...]:
    """Return the changes from one snapshot of a tree (path -> state) to another, sorted by path."""
    found = (change_between(path, before.get(path), after.get(path)) for path in sorted(before.keys() | after.keys()))
    return tuple(change for change in found if change)


def text_diff(path: str, before: str | None, after: str | None) -> str:
    """Return a unified diff of two texts, None being no file; a missing final newline is told as diff(1) does."""
    lines = difflib.unified_diff(
        (before or "").splitlines(keepends=True),
        (after or "").splitlines(keepends=True),
        "/dev/null" if before is None else f"a{path}",
        "/dev/null" if after is None else f"b{path}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
