"""The looking half of a guest that stands in front of another one."""
# ruff: noqa: D102  what each verb does stands once, in the Guest protocol

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest, Stat


class LookThrough:
    """Hands every looking verb to the guest behind it."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest

    @property
    def facts(self) -> Facts:
        return self._guest.facts

    def exists(self, path: str) -> bool:
        return self._guest.exists(path)

    def is_file(self, path: str, *, followsymlinks: bool = False) -> bool:
        return self._guest.is_file(path, followsymlinks=followsymlinks)

    def is_dir(self, path: str, *, followsymlinks: bool = False) -> bool:
        return self._guest.is_dir(path, followsymlinks=followsymlinks)

    def is_symlink(self, path: str) -> bool:
        return self._guest.is_symlink(path)

    def lstat(self, path: str) -> Stat:
        return self._guest.lstat(path)

    def readlink(self, path: str) -> str:
        return self._guest.readlink(path)

    def realpath(self, path: str) -> str:
        return self._guest.realpath(path)

    def read_file(self, path: str) -> bytes:
        return self._guest.read_file(path)

    def pread(self, path: str, count: int, offset: int) -> bytes:
        return self._guest.pread(path, count, offset)

    def ls(self, directory: str) -> tuple[str, ...]:
        return self._guest.ls(directory)

    def glob_expand(self, pattern: str) -> tuple[str, ...]:
        return self._guest.glob_expand(pattern)

    def find(self, directory: str) -> tuple[str, ...]:
        return self._guest.find(directory)

    def sha256(self, path: str) -> str:
        return self._guest.sha256(path)

    def lgetxattr(self, path: str, name: str) -> bytes | None:
        return self._guest.lgetxattr(path, name)
