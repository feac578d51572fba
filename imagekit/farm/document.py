"""A farm as data: which images, which specs, over which values, and what the outputs are called."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from imagekit.diagnostics import Diagnostic, Place, SpecInvalid
from imagekit.spec.model import Identifier
from imagekit.spec.nodes import Node, Path, nearest, spell
from imagekit.spec.templates import as_text


class FarmInvalid(SpecInvalid):
    """A farm is wrong whatever is in its images; carries every diagnostic at once."""

    code = "IK-FARM-001"

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(diagnostics, "in the farm")


def _check_text(value: str) -> str:
    try:
        if b"\0" in os.fsencode(value):
            raise ValueError("holds a NUL, which no path can")
    except UnicodeEncodeError as error:
        raise ValueError("holds half a character, which no path can") from error
    return value


def _text(value: Any) -> Any:
    return as_text(value) if isinstance(value, int | float) else value


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str | int | float) else value


Text = Annotated[str, AfterValidator(_check_text)]
Value = Annotated[Text, BeforeValidator(_text, json_schema_input_type=str | float | bool)]
"""A value of a variable is text, as ``--set`` takes it; a number or a truth value is the text that means it."""
Values = Annotated[
    tuple[Value, ...],
    BeforeValidator(_several, json_schema_input_type=str | float | bool | list[str | float | bool]),
    Field(min_length=1),
]
Paths = Annotated[
    tuple[Annotated[Text, Field(min_length=1)], ...],
    BeforeValidator(_several, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]


class Crossing(BaseModel):
    """How images and specs are crossed with the values of variables, and what comes out is called."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, title="farm")

    matrix: dict[str, Values] = Field(default_factory=dict)
    """Variables of the specs, each with its values: every image by every spec by every value."""
    exclude: tuple[dict[str, Values], ...] = ()
    """What is not made: each item names an image, a spec and values of variables, as patterns such as ``web-*``;
    all that an item names must fit, and of a list any one."""
    output: Text | None = None
    """Where an output goes, with {image}, {spec} and {name} of each variable in it, and {suffix} for the suffix of the
    image; if it is not said, a file beside the farm that is named for all of them."""
    _document: Node | None = PrivateAttr(default=None)

    def locate(self, path: Path, *, key: bool = False) -> Place | None:
        """Return where a part of the farm was written, or the key that it stands behind; None if made in Python."""
        if self._document is None:
            return None
        above = nearest(self._document, path[:-1])
        member = above.members.get(str(path[-1])) if key and path else None
        node = nearest(self._document, path)
        if node is self._document:
            return Place(node.place.file, 1, 1)
        return member.place if member else node.place

    def diagnostic(
        self, code: str, message: str, path: Path, *, key: bool = False, why: str = "", fix: str = ""
    ) -> Diagnostic:
        """Return what is wrong with a part of the farm, at its place."""
        return Diagnostic(code, message, spell(path), self.locate(path, key=key), why=why, fix=fix)


class Farm(Crossing):
    """Many images by many specs. In Python ``images`` and ``specs`` are relative to the folder given beside it."""

    version: Literal[1] = 1
    """Version of the language of farms."""
    name: Identifier | None = None
    """What the farm is called; only people read it."""
    images: Paths
    """Images by name or by pattern, relative to the farm's folder; ``**`` stands for any folders."""
    specs: Paths
    """Specs by name or by pattern, relative to the farm's folder; each makes an image of its own."""
