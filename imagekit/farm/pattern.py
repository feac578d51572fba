"""The pattern of an output's path: ``out/{image}-{spec}-{site}.qcow2``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OWN_NAMES = ("image", "spec", "suffix")
"""What stands for the stem of the image, the stem of the spec, and the suffix of the image, ``.qcow2``."""
_NEVER = re.compile(r"[/\x00-\x1f\x7f]+")
_UNUSUAL = re.compile(r"[^\w.+=@,~-]+")


class BadPattern(ValueError):
    """A pattern cannot be read.

    Attributes:
        fix: what the author can do.
    """

    def __init__(self, message: str, fix: str = "") -> None:
        self.fix = fix
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Texts, and after each the name whose value follows; "" if none does, as after a doubled brace."""

    parts: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What it has values of."""
        return tuple(name for _, name in self.parts if name)

    @property
    def start(self) -> str:
        """The text before the first value."""
        named = next((index for index, (_, name) in enumerate(self.parts) if name), len(self.parts))
        return "".join(text for text, _ in self.parts[: named + 1])

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the path for these values."""
        return "".join(text + (values[name] if name else "") for text, name in self.parts)


def read_pattern(text: str) -> Pattern:
    """Return a pattern from its text; ``{{`` and ``}}`` stand for braces.

    Raises:
        BadPattern: a brace stands alone, or holds more or less than a name.
    """
    try:
        parsed = [(before, name, spec, conversion) for before, name, spec, conversion in Formatter().parse(text)]
    except ValueError as error:
        raise BadPattern("a brace stands alone", "for a brace itself write {{ or }}") from error
    for _, name, spec, conversion in parsed:
        if name is not None and (spec or conversion):
            raise BadPattern(f"{{{name}}} takes nothing after the name", f"write {{{name}}}")
        if name == "":
            raise BadPattern("{} names nothing", "write {image}, {spec}, or the name of a variable")
    return Pattern(tuple((before, name or "") for before, name, _, _ in parsed))


def usual_pattern(variables: Iterable[str]) -> str:
    """Return the pattern that names all there is: ``{image}-{spec}-{site}{suffix}``."""
    return "-".join(f"{{{name}}}" for name in ("image", "spec", *variables)) + "{suffix}"


def with_names(text: str, names: Iterable[str]) -> str:
    """Return a pattern that has these names too, before its suffix."""
    added = "".join(f"-{{{name}}}" for name in names)
    folder, slash, file = text.rpartition("/")
    found = re.search(r"(\.[A-Za-z0-9]+|\{suffix\})$", file)
    at = found.start() if found else len(file)
    return f"{folder}{slash}{file[:at]}{added}{file[at:]}"


def in_path(value: str) -> str:
    """Return a value as it may stand in a path: it leads into no other folder, and is not empty."""
    plain = _NEVER.sub("-", value)
    return plain if plain.strip(".") else "-"


def in_id(value: str) -> str:
    """Return a value as it stands in the id of a job, which people type in a shell."""
    return _UNUSUAL.sub("-", in_path(value))
