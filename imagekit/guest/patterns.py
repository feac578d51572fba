"""Shell patterns over the paths of a guest: which ones they stand for."""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.guest.errors import NoSuchFile, WrongKind

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


def is_pattern(path: str) -> bool:
    """Tell whether a path holds a character that glob(3) with GLOB_BRACE takes for more than itself."""
    return any(char in path for char in "*?[{")


def expand(guest: Guest, pattern: str) -> tuple[str, ...]:
    """Return the sorted paths that are there and that a path or a pattern stands for, in one call.

    A final link counts whether or not it leads somewhere. ``*`` and ``?`` stand for no leading dot. What glob(3) finds
    by ``.`` or ``..``, as ``.*`` does, is left out: it is the folder itself, or one outside of it.

    Raises:
        BadGuestPath: it is not absolute.
        GuestError: a path without wildcards goes through a loop of links.
    """
    if is_pattern(pattern):
        return tuple(path for path in guest.glob_expand(pattern) if not {".", ".."} & set(path.split("/")))
    try:
        guest.lstat(pattern)
    except (NoSuchFile, WrongKind):
        return ()
    return (paths.normal(pattern),)


def brace_expand(pattern: str) -> tuple[str, ...]:
    """Return the patterns that ``{a,b}`` in a pattern stands for, as GLOB_BRACE of glob(3) does."""
    depth, start, commas = 0, -1, list[int]()
    for i, char in enumerate(pattern):
        if char == "{":
            depth += 1
            start = i if depth == 1 else start
        elif char == "," and depth == 1:
            commas.append(i)
        elif char == "}" and depth:
            depth -= 1
            if depth == 0 and commas:
                edges = [start, *commas, i]
                choices = [pattern[a + 1 : b] for a, b in itertools.pairwise(edges)]
                return tuple(
                    whole for one in choices for whole in brace_expand(pattern[:start] + one + pattern[i + 1 :])
                )
    return (pattern,)


def name_matches(pattern: str, name: str) -> bool:
    """Tell whether one name matches one part of a pattern, as fnmatch(3) with FNM_PERIOD does."""
    if name.startswith(".") and not pattern.startswith((".", "\\.")):
        return False
    return _regex(pattern).fullmatch(name) is not None


@functools.lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    atoms = re.findall(r"\\.|\[[!^]?\]?[^\]]*\]|.", pattern, re.DOTALL)
    return re.compile("".join(_one(atom) for atom in atoms), re.DOTALL)


def path_matches(pattern: str, path: str) -> bool:
    """Tell whether glob(3) would find an absolute path by a pattern without braces, if it is there."""
    ours, theirs = pattern.split("/"), path.split("/")
    return len(ours) == len(theirs) and all(map(name_matches, ours, theirs))


def _one(atom: str) -> str:
    if atom == "*":
        return ".*"
    if atom == "?":
        return "."
    if atom[0] == "[" and len(atom) > 1:
        inside = atom[1:-1]
        negated = inside[:1] in {"!", "^"}
        body = inside[negated:].replace("\\", "\\\\").replace("]", "\\]").replace("[", "\\[")
        return f"[{'^' if negated else ''}{body}]"
    return re.escape(atom[-1])
