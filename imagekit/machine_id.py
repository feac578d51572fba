"""Machine-ids, told without telling them: ids derived from one for a single application.

machine-id(5) asks to keep the id confidential, and to hash it with a key of the application wherever something has
to be recognised. This is that hash, the one of sd_id128_get_machine_app_specific(3): ``systemd-id128 machine-id
--app-specific=APP`` prints the same on the machine itself.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid

from imagekit.errors import SpecError

IMAGEKIT = "a0db2733e1544a71a4a2917d3d5a45ed"
"""The application id of imagekit, by which a receipt recognises a machine-id."""
_DASHED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NotAnId(SpecError):
    """What was given is no 128-bit id."""

    code = "IK-MID-004"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"the {what} is not an id",
            why="an id is 32 hexadecimal digits that are not all zero, plain or dashed as a UUID: sd-id128(3)",
        )


def app_specific(machine_id: str, app_id: str) -> str:
    """Return the id of a machine for one application, as 32 lower-case hex digits: sd_id128_get_machine_app_specific(3).

    HMAC-SHA256 of the application's 16 bytes under the machine's 16 bytes, cut to 16 bytes and marked as a UUID of
    version 4. From the result the machine-id cannot be found; the same two ids always give the same result.

    Args:
        machine_id: 32 hex digits in either case, plain or dashed; a final line break is let pass.
        app_id: the same, an id of the application's own, made once with ``systemd-id128 new``.

    Raises:
        NotAnId: one of them is none. The error does not hold the id.
    """
    digest = hmac.digest(_raw(machine_id, "machine-id"), _raw(app_id, "application id"), hashlib.sha256)
    return uuid.UUID(bytes=digest[:16], version=4).hex


def _raw(text: str, what: str) -> bytes:
    word = text.removesuffix("\n").lower()
    digits = word.replace("-", "") if _DASHED.fullmatch(word) else word
    if not re.fullmatch(r"[0-9a-f]{32}", digits) or set(digits) == {"0"}:
        raise NotAnId(what)
    return bytes.fromhex(digits)
