"""Which files of a mounted guest hold a text: grep(1) of the appliance, since a look at each file takes a call."""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.refusal import translate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.appliance.session import Session

_SECONDS = 3600.0
"""Under emulation a GiB takes about a minute."""


def files_with(session: Session, texts: Iterable[bytes]) -> tuple[str, ...]:
    """Return the sorted guest paths of the regular files that hold any of these texts, on every mounted file system.

    No link is followed. What the texts are is told to the appliance, so they are to be no secrets.

    Args:
        session: with a guest mounted.
        texts: fixed ones, in ASCII.

    Raises:
        GuestError: the search did not come to its end, or found more names than an answer of the appliance holds.
    """
    wanted = " ".join(f"-e {shlex.quote(text.decode('ascii'))}" for text in texts)
    # Names go as base64, for they need not be UTF-8, which the binding fails on.
    search = f"cd /sysroot && {{ LC_ALL=C grep -rlaFZ -D skip {wanted} . 2>/dev/null; true; }} | base64 -w0"
    try:
        said = session.script(search, deadline=_SECONDS)
    except VerbRefused as refused:
        raise translate(refused, "/") from refused
    names = base64.b64decode(said.strip()).split(b"\0")
    return tuple(sorted(name[1:].decode(errors="surrogateescape") for name in names if name))
