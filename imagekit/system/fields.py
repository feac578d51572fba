"""Field types that several kinds share: guest paths, modes, owners, trees that may hold secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, TypeAdapter, WithJsonSchema

from imagekit.guest import paths
from imagekit.guest.errors import BadGuestPath
from imagekit.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationInfo

_SECRET: TypeAdapter[Secret] = TypeAdapter(Secret)
MASK = "***"
"""What stands for a secret where its value is of no use, such as in a check of a document's form."""


def _guest_path(value: str) -> str:
    try:
        return paths.normal(value)
    except BadGuestPath as bad:
        raise ValueError(bad.message) from bad


GuestPath = Annotated[str, AfterValidator(_guest_path)]
"""An absolute path in the guest, in normal form."""


def _mode(value: Any) -> int:
    """Return the bits of an octal string.

    YAML 1.1 reads a bare 0644 as octal and YAML 1.2 as decimal, so a bare number could mean either and is refused.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f'write the mode as a quoted octal string: "{value:04}"')  # noqa: TRY004  pydantic reports a ValueError
    if not isinstance(value, str) or not re.fullmatch(r"0?[0-7]{3,4}", value):
        raise ValueError('a mode is an octal string of three or four digits, such as "0644"')
    return int(value, 8)


Mode = Annotated[
    int,
    BeforeValidator(_mode),
    PlainSerializer(lambda bits: f"{bits:04o}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^0?[0-7]{3,4}$", "examples": ["0644"]}),
]
"""Permission bits, written as a quoted octal string (chmod(1)); built in Python as one too."""

Owner = Annotated[
    Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$")] | Annotated[int, Field(ge=0, lt=2**32 - 1)],
    Field(union_mode="left_to_right"),
]
"""A user or a group of the guest, by name or by number."""


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a tree of plain values with each leaf, and each mapping whose one key is ``secret``, changed."""
    if isinstance(value, dict) and set(value) != {"secret"}:
        return {key: _mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mapped(inner, change) for inner in value]
    return change(value)


def _with_secrets(value: dict[str, Any], info: ValidationInfo) -> Any:
    return _mapped(
        value, lambda leaf: _SECRET.validate_python(leaf, context=info.context) if isinstance(leaf, dict) else leaf
    )


def _named(value: Any) -> Any:
    return _mapped(value, lambda leaf: {"secret": leaf.name} if isinstance(leaf, Secret) else leaf)


def revealed(value: Any) -> Any:
    """Return a tree with its secrets in it; what it is put into must be treated as secret too."""
    return _mapped(value, lambda leaf: leaf.reveal() if isinstance(leaf, Secret) else leaf)


def masked(value: Any) -> Any:
    """Return a tree with ``MASK`` for each of its secrets."""
    return _mapped(value, lambda leaf: MASK if isinstance(leaf, Secret) else leaf)


def text_of(text: str | Secret) -> str:
    """Return a text that may be secret; what it is put into must be treated as secret too."""
    return text.reveal() if isinstance(text, Secret) else text


Tree = Annotated[dict[str, Any], AfterValidator(_with_secrets), PlainSerializer(_named, return_type=dict[str, Any])]
"""A mapping of plain values, any of which may be ``{secret: NAME}``."""
