"""Kernel arguments as text: what a command line says, and the same line with some added and some taken away.

Words are parted by blanks, unless these stand in double quotes; ``-`` and ``_`` mean the same in a name
(kernel-parameters.rst, Linux).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_PLAIN = r"-A-Za-z0-9_.,:=/@+!%*~^()?\[\]"
ARGUMENT = rf'^[A-Za-z0-9_.](?:[{_PLAIN}]|"[{_PLAIN} ]*")*$'
"""One argument. What a shell or GRUB would take for its own, ``$`` and ``;`` for example, is not in it."""


def words(text: str) -> tuple[str, ...]:
    """Return the arguments of a command line, with their quotes."""
    return tuple(_WORD.findall(text))


def name_of(argument: str) -> str:
    """Return what an argument sets: ``console`` of ``console=ttyS0``, ``-`` as ``_``."""
    return argument.replace('"', "").partition("=")[0].replace("-", "_")


def same(argument: str, other: str) -> bool:
    """Tell whether two arguments say the same."""
    return _meaning(argument) == _meaning(other)


def _meaning(argument: str) -> tuple[str, str, str]:
    name, equals, value = argument.replace('"', "").partition("=")
    return name.replace("-", "_"), equals, value


def without(text: str, remove: Iterable[str], keep: Sequence[str] = ()) -> str:
    """Return the line without the arguments that ``remove`` names, all other text as it is.

    Args:
        text: a command line.
        remove: ``quiet`` or ``console`` takes every argument of that name, ``console=tty0`` that one alone.
        keep: arguments that stay although they are named.
    """
    named = tuple(remove)

    def goes(argument: str) -> bool:
        if any(same(argument, kept) for kept in keep):
            return False
        return any(same(argument, each) or ("=" not in each and name_of(argument) == name_of(each)) for each in named)

    left = re.sub(rf"\s*(?P<word>{_WORD.pattern})", lambda match: "" if goes(match["word"]) else match[0], text)
    return left if left == text or text[:1].isspace() else left.lstrip()


def with_added(text: str, add: Iterable[str]) -> str:
    """Return the line with the arguments that it has not, at its end: the last of a name is the one that counts."""
    for argument in add:
        if not any(same(argument, word) for word in words(text)):
            text = f"{text.rstrip()} {argument}" if text.strip() else text + argument
    return text


def changed(text: str, add: Sequence[str], remove: Iterable[str]) -> str:
    """Return the line without some arguments and with others; what is added counts where both are named."""
    return with_added(without(text, remove, add), add)
