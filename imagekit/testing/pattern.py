"""Shell patterns, as glob(7) has them, over names that are already known."""

from __future__ import annotations

import itertools
import re


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
    return re.fullmatch(_regex(pattern), name, re.DOTALL) is not None


def _regex(pattern: str) -> str:
    atoms = re.findall(r"\\.|\[[!^]?\]?[^\]]*\]|.", pattern, re.DOTALL)
    return "".join(_one(atom) for atom in atoms)


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
