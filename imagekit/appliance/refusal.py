"""From the binding's words to our errors. It raises bare RuntimeErrors without an errno, so the text decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest.errors import GuestDiskFull, NoSuchFile, VerbFailed, WrongKind
from imagekit.guest.paths import LinkLoop

if TYPE_CHECKING:
    from imagekit.appliance.channel import VerbRefused
    from imagekit.guest.errors import GuestError

_NEEDED = (
    ("Is a directory", "file"),
    ("is a directory", "file"),
    ("Not a directory", "directory"),
    ("not a directory", "directory"),
    ("not a regular file", "regular file"),
    ("Directory not empty", "empty directory"),
)


def translate(refused: VerbRefused, path: str) -> GuestError:
    """Return the guest error that a refusal stands for; ``path`` is the guest path that the caller gave."""
    text = refused.text
    verb = refused.verb
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return GuestDiskFull(verb, path)
    if "No such file or directory" in text:
        return NoSuchFile(verb, path)
    if "Too many levels of symbolic links" in text:
        return LinkLoop(path)
    for words, needed in _NEEDED:
        if words in text:
            return WrongKind(verb, path, needed)
    return VerbFailed(verb, path, text.strip().splitlines()[-1] if text.strip() else "no reason given")
