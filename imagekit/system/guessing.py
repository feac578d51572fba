"""Is a password hash that of one of a few notorious passwords? Tried with the host's own libxcrypt, crypt(3)."""

from __future__ import annotations

import ctypes
import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2")
"""libxcrypt under the name of glibc's old one, and under its own."""
_ROOM = 32768
"""Bytes of struct crypt_data, which libxcrypt promises never to grow."""
_MOST_ROUNDS = 100_000
_MOST_COST = 10
_SHA = re.compile(r"\$[56]\$(?:rounds=(?P<rounds>\d{1,9})\$)?")
_BCRYPT = re.compile(r"\$2[aby]\$(?P<cost>\d\d)\$")
_YESCRYPT = re.compile(r"\$g?y\$j[789][A-Z]\$")
_MD5 = re.compile(r"\$1\$")
_DES = re.compile(r"[./0-9A-Za-z]{13}")


def is_old_kind(hashed: str) -> bool:
    """Tell whether a hash is of DES or MD5, for which every short password can be tried: crypt(5)."""
    return bool(_MD5.match(hashed) or _DES.fullmatch(hashed))


def is_cheap(hashed: str) -> bool:
    """Tell whether a try costs no more than some hundredths of a second; what is of an unknown kind may cost anything.

    The owner of a hash says how much work it is, so that an image could keep this host busy for hours.
    """
    sha, bcrypt = _SHA.match(hashed), _BCRYPT.match(hashed)
    if sha:
        return int(sha["rounds"] or 5000) <= _MOST_ROUNDS
    if bcrypt:
        return int(bcrypt["cost"]) <= _MOST_COST
    return is_old_kind(hashed) or bool(_YESCRYPT.match(hashed))


def can_guess() -> bool:
    """Tell whether this host has libxcrypt."""
    return _library() is not None


def guess(hashed: str, words: Iterable[str]) -> bool:
    """Tell whether a hash is that of one of these passwords; which one is not told. False where none can be tried."""
    library = _library()
    if library is None or not is_cheap(hashed):
        return False
    setting = hashed.encode("utf-8", "surrogateescape")
    return any(_hash(library, word.encode(), setting) == setting for word in words)


def _hash(library: ctypes.CDLL, word: bytes, setting: bytes) -> bytes | None:
    room = ctypes.create_string_buffer(_ROOM)
    made: bytes | None = library.crypt_rn(word, setting, room, _ROOM)
    return made


@functools.cache
def _library() -> ctypes.CDLL | None:
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
            function = library.crypt_rn
        except (OSError, AttributeError):
            continue
        function.restype = ctypes.c_char_p
        function.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)
        return library
    return None
