"""Resolve the parents of guest paths before a verb sees them, and remember what was learnt.

Half of guestfs(3) resolves links inside the guest, the other half joins the path to the appliance's own tree and
follows an absolute link out of the guest: ``rm_rf`` then reports success and deletes nothing; ``cp``, ``mv`` and
``tar_in`` fail or act on the appliance's own files. With every parent resolved first, no verb meets a link there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest.paths import is_below, resolve

if TYPE_CHECKING:
    from collections.abc import Callable


class LinkResolver:
    """Resolution with a memory. Call ``forget`` with whatever may have become a link, or none any more.

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

    def forget(self, *changed: str) -> None:
        """Forget what was learnt of these paths and all below them, or everything if none is given.

        What is known goes by paths whose parents hold no links, so a change at such a path, its parents resolved, is
        none anywhere else: a path that goes through a link that went, or came, is resolved anew from there.
        """
        if not changed:
            self._known.clear()
        for path in [path for path in self._known if any(path == one or is_below(path, one) for one in changed)]:
            del self._known[path]
