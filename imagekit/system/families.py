"""Names that differ by distribution: of packages, of services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from imagekit.guest.facts import Facts


def name_for(entry: str | Mapping[str, str | None], facts: Facts) -> str | None:
    """Return the name in this distribution: under its own key first, then the family's. None: none is needed.

    Raises:
        KeyError: the entry names neither.
    """
    if isinstance(entry, str):
        return entry
    return entry[facts.distro] if facts.distro in entry else entry[facts.family]


def names_for(entries: Sequence[str | Mapping[str, str | None]], facts: Facts) -> tuple[str, ...]:
    """Return the names that are needed in this distribution, in order."""
    return tuple(name for entry in entries if (name := name_for(entry, facts)) is not None)


def nameless(
    field: str, entries: Sequence[str | Mapping[str, str | None]], facts: Facts, *, code: str
) -> Iterator[Problem]:
    """Yield a Problem for each entry that says nothing of this distribution or its family."""
    for position, entry in enumerate(entries):
        if not isinstance(entry, str) and not {facts.distro, facts.family} & set(entry):
            yield Problem(
                f"{field}[{position}]",
                f"no name is given for {facts.distro}, of the {facts.family} family",
                why=f"names are given for {', '.join(sorted(entry))}",
                fix=f"add {facts.family}: and the name it has there, or null if none is needed",
                code=code,
            )
