"""Guest paths: their normal form, and how links in them are resolved inside the guest.

A guest path is an absolute ``str``. ``..`` is removed only where no link can change what it means: right after
the root. Everywhere else it takes ``resolve``, which asks the guest.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from imagekit.guest.errors import BadGuestPath, GuestError

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_LINKS = 40
"""How many links one path may go through: MAXSYMLINKS of Linux, path_resolution(7)."""


class LinkLoop(GuestError):
    """A path goes through more symbolic links than Linux follows (ELOOP)."""

    code = "IK-GST-006"

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"{path} in the guest goes through too many symbolic links",
            why=f"Linux gives up after {_MOST_LINKS} links; most likely two of them point at each other",
        )


def validate(path: object) -> str:
    """Return the path as it is if it can be a guest path.

    Raises:
        BadGuestPath: it is no ``str``, not absolute, or holds a NUL or a lone surrogate.
    """
    if not isinstance(path, str) or not path.startswith("/") or "\0" in path:
        raise BadGuestPath(path)
    try:
        path.encode()
    except UnicodeEncodeError as unencodable:
        raise BadGuestPath(path) from unencodable
    return path


def parts(path: str) -> list[str]:
    """Return the names in a path or in the target of a link; empty ones and ``.`` mean nothing and are left out."""
    return [part for part in path.split("/") if part not in {"", "."}]


def normal(path: str) -> str:
    """Return the normal form: one slash between names, none at the end, no ``.``, no ``..`` right after the root.

    Raises:
        BadGuestPath: see ``validate``.
    """
    names = parts(validate(path))
    while names and names[0] == "..":
        del names[0]
    return "/" + "/".join(names)


def join(directory: str, *names: str) -> str:
    """Return the path of something below a directory; a name may hold slashes, a leading one does not restart."""
    return normal("/".join((validate(directory), *names)))


def parent(path: str) -> str:
    """Return the directory that a path is in, by its text; the root's is the root."""
    return normal(path).rpartition("/")[0] or "/"


def name(path: str) -> str:
    """Return the last name of a path; "" for the root."""
    return normal(path).rpartition("/")[2]


def is_below(path: str, directory: str) -> bool:
    """Tell whether a path is below a directory, both in normal form; nothing is below itself."""
    return path != directory and path.startswith(directory.rstrip("/") + "/")


def resolve(path: str, readlink: Callable[[str], str | None], *, follow_last: bool) -> str:
    """Return the path with the links in it resolved inside the guest, as path_resolution(7) says.

    Absolute targets start again at the guest's root, and ``..`` at the root stays there: no link leads out. What
    does not exist is taken as it is written, so that the path of something yet to be made can be resolved.

    Args:
        path: an absolute guest path.
        readlink: given a path whose parents hold no links, returns the target if it is a symbolic link, else None.
        follow_last: resolve the last name too if it is a link; if not, only its parents are.

    Raises:
        BadGuestPath: see ``validate``.
        LinkLoop: more than 40 links.
    """
    pending = deque(parts(validate(path)))
    done: list[str] = []
    links = 0
    while pending:
        part = pending.popleft()
        if part == "..":
            del done[-1:]
            continue
        target = readlink("/" + "/".join([*done, part])) if pending or follow_last else None
        if target is None:
            done.append(part)
            continue
        links += 1
        if links > _MOST_LINKS:
            raise LinkLoop(path)
        if target.startswith("/"):
            done.clear()
        pending.extendleft(reversed(parts(target)))
    return "/" + "/".join(done)
