"""Resolve the parents of guest paths before a verb sees them, and remember what was learnt.

Half of guestfs(3) resolves links inside the guest, the other half joins the path to the appliance's own tree and
follows an absolute link out of the guest: ``rm_rf`` then reports success and deletes nothing; ``cp``, ``mv`` and
``tar_in`` fail or act on the appliance's own files. With every parent resolved first, no verb meets a link there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest.paths import resolve

if TYPE_CHECKING:
    from collections.abc import Callable


class LinkResolver:
    """Resolution with a memory. Call ``forget`` after anything that may have changed a link or a directory.

    Args:
        readlink: given a path whose parents hold no links, the target if it is a symbolic link, else None.
    """

    def __init__(self, readlink: Callable[[str], str | None]) -> None:
        self._ask = readlink
        self._known: dict[str, str | None] = {}

    def _readlink(self, path: str) -> str | None:
        if path not in self._known:
            self._known[path] = self._ask(path)
        return self._known[path]

    def parents(self, path: str) -> str:
        """Return the path with the links among its parents resolved, and the last name as it is."""
        return resolve(path, self._readlink, follow_last=False)

    def whole(self, path: str) -> str:
        """Return the path with every link resolved, the last one too."""
        return resolve(path, self._readlink, follow_last=True)

    def forget(self) -> None:
        """Forget everything that was learnt."""
        self._known.clear()
