"""Field types that several kinds share: guest paths, modes, owners."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from imagekit.guest import paths
from imagekit.guest.errors import BadGuestPath


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
