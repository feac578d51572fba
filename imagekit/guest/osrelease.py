"""os-release(5), read with distrust: a guest's text may hold anything, and what is read here reaches terminals."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.guest.facts import Family

_LONGEST = 128
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_ASSIGNMENT = re.compile(r"\s*([A-Z][A-Z0-9_]*)=(.*)")
_ESCAPED = re.compile(r'\\([$"`\\])')

_FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("debian", "ubuntu", "linuxmint", "devuan", "raspbian", "kali", "pop", "proxmox"), "debian"),
    **dict.fromkeys(("rhel", "fedora", "centos", "rocky", "almalinux", "ol", "amzn", "scientific"), "rhel"),
    **dict.fromkeys(("suse", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "sles", "sled", "sl-micro"), "suse"),
    **dict.fromkeys(("arch", "archarm", "manjaro", "endeavouros"), "arch"),
    "alpine": "alpine",
}


def clean(text: str) -> str:
    """Return the text in one line of at most 128 characters, without any that would steer a terminal.

    Left out are control and format characters (Unicode Cc, Cf: escapes, NUL, bidirectional overrides), private and
    unassigned ones, and line separators. An ANSI escape sequence loses its ESC and becomes harmless text.
    """
    kept = (char for char in text[: 8 * _LONGEST] if unicodedata.category(char) not in _UNPRINTABLE)
    return "".join(kept).strip()[:_LONGEST]


def clean_word(text: str) -> str:
    """Return the text if it is one word of ASCII letters, digits and ``._+~:-``, as IDs and versions are; else ""."""
    return text if re.fullmatch(r"[A-Za-z0-9._+~:-]{1,128}", text) else ""


def parse_os_release(text: str) -> dict[str, str]:
    r"""Return the assignments of an os-release file, unquoted and cleaned; lines that are none are skipped.

    os-release(5): values are as in a shell, in single or double quotes if they hold more than letters and digits,
    with ``$ " ` \`` escaped by a backslash; nothing is expanded. A later assignment wins.
    """
    found = (_ASSIGNMENT.fullmatch(line) for line in re.split(r"\r?\n", text))
    return {match[1]: clean(_unquoted(match[2])) for match in found if match}


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1]
    if len(value) > 1 and value[0] == value[-1] == '"':
        return _ESCAPED.sub(r"\1", value[1:-1])
    return _ESCAPED.sub(r"\1", value)


def family_of(identifier: str, like: str) -> Family:
    """Return the family by ID, else by the first word of ID_LIKE that is known."""
    known = (_FAMILIES[word] for word in (identifier, *like.split()) if word in _FAMILIES)
    return next(known, "unknown")
