"""The words of a command line: which of them is the command, and what may stand before it. Pure."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def hoist(words: Sequence[str], flags: frozenset[str], valued: frozenset[str]) -> list[str]:
    """Return the words with the command first: options that stand before it are moved behind it.

    Args:
        words: as the user wrote them.
        flags: options of all commands that take no value.
        valued: options of all commands that take one, as the next word or after ``=``.

    Words that hold no command, or an unknown option before it, come back as they are.
    """
    index = 0
    while index < len(words) and words[index].startswith("-") and words[index] != "--":
        word = words[index]
        if word in valued:
            index += 2
        elif word in flags or word.partition("=")[0] in valued:
            index += 1
        else:
            return list(words)
    if index >= len(words):
        return list(words)
    return [words[index], *words[:index], *words[index + 1 :]]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is most like the given one, or ""."""
    return next(iter(difflib.get_close_matches(word, sorted(known), n=1)), "")


def wants_json(words: Sequence[str]) -> bool:
    """Tell whether ``--json`` is among the options, for errors that come before these are understood."""
    end = words.index("--") if "--" in words else len(words)
    return "--json" in words[:end]
