"""Secrets: values that a spec names and never holds, and that nothing prints.

A spec declares where a secret comes from (``secrets: {db: {env: DB_PASSWORD}}``) and refers to it by name
(``password: {secret: db}``). What a transform holds is a ``Secret``: its repr, its text and every serialisation
are without the value; only ``reveal()`` gives it.
"""

from __future__ import annotations

import difflib
import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticKnownError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

_LARGEST = 64 << 10
_MASK = "***"


class SecretProblem(ValueError):
    """A secret cannot be had; never says what is in it. A ValueError, so that it may end a pydantic validation.

    Attributes:
        code: stable, ``IK-SPEC-04x``.
        fix: what the author can do; may be empty.
    """

    def __init__(self, message: str, *, code: str, fix: str = "") -> None:
        self.code = code
        self.fix = fix
        super().__init__(message)


class SecretSource(BaseModel):
    """Where the value of a secret comes from: exactly one of the three."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    env: str | None = None
    """Name of an environment variable."""
    file: str | None = None
    """Path of a host file, relative to the spec's folder; one final line break is dropped."""
    fd: int | None = Field(default=None, ge=0)
    """Number of a file descriptor that the caller left open; read to its end, one final line break is dropped."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(value is not None for value in (self.env, self.file, self.fd)) != 1:
            raise ValueError("a secret comes from exactly one of env, file, fd")
        return self

    @classmethod
    def from_argument(cls, text: str) -> Self:
        """Read ``env:VAR``, ``file:PATH`` or ``fd:N``, as the command line writes it.

        Raises:
            SecretProblem: the text is none of them.
        """
        scheme, colon, rest = text.partition(":")
        number = scheme == "fd" and rest.isascii() and rest.isdigit()
        if not colon or not rest or scheme not in ("env", "file", "fd") or (scheme == "fd" and not number):
            raise SecretProblem(
                "is not the source of a secret", code="IK-SPEC-042", fix="write env:VARIABLE, file:PATH or fd:NUMBER"
            )
        return cls.model_validate({scheme: int(rest) if number else rest})


class Secret:
    """A value that is never printed; two are equal when name and value are.

    Args:
        value: the secret itself.
        name: the name that the spec refers to it by; that alone is serialised.
    """

    __slots__ = ("__value", "name")

    def __init__(self, value: str, name: str = "") -> None:
        self.name = name
        self.__value: str | None = value

    @classmethod
    def withheld(cls, name: str) -> Self:
        """Return a secret that was not read, for looking at a spec where its secrets are not at hand."""
        secret = cls("", name)
        secret.__value = None
        return secret

    def reveal(self) -> str:
        """Return the value; whatever it is put into must be treated as secret too.

        Raises:
            SecretProblem: the spec was loaded without the values of its secrets.
        """
        if self.__value is None:
            raise SecretProblem(f"the value of secret {self.name!r} was not read", code="IK-SPEC-041")
        return self.__value

    def __repr__(self) -> str:
        return _MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = self.__value or "", other.__value or ""
        return self.name == other.name and hmac.compare_digest(mine.encode(), theirs.encode())

    def __hash__(self) -> int:
        return hash(("secret", self.name))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a Secret is not pickled; let the other process load it from its source")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(_secret, serialization=_SERIALISED)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _reference_schema()


def _reference_schema() -> JsonSchemaValue:
    return {
        "type": "object",
        "description": "The name of a secret that the spec declares.",
        "properties": {"secret": {"type": "string"}},
        "required": ["secret"],
        "additionalProperties": False,
    }


def _document(value: str | Secret) -> str | dict[str, str]:
    return {"secret": value.name} if isinstance(value, Secret) else value


_SERIALISED = core_schema.plain_serializer_function_ser_schema(_document)


def _secret(value: Any, info: core_schema.ValidationInfo) -> Secret:
    """Take a Secret, or look one up in the ``secrets`` that the loader put in the validation context."""
    if isinstance(value, Secret):
        return value
    if not (isinstance(value, dict) and set(value) == {"secret"} and isinstance(value["secret"], str)):
        raise ValueError("must be {secret: NAME}")
    secrets = info.context.get("secrets") if isinstance(info.context, dict) else None
    if not isinstance(secrets, Secrets):
        raise ValueError("names a secret outside a spec; pass a Secret")  # noqa: TRY004  pydantic collects ValueErrors
    return secrets.find(value["secret"])


def _secret_or_text(value: Any, info: core_schema.ValidationInfo) -> str | Secret:
    if isinstance(value, str):
        return value
    if isinstance(value, Secret) or (isinstance(value, dict) and "secret" in value):
        return _secret(value, info)
    if not isinstance(value, dict | list):
        raise PydanticKnownError("string_type")
    raise ValueError("must be text or {secret: NAME}")


class _SecretOrText:
    """The one schema for text that may be secret: no union, so that errors name the field and not a branch."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(_secret_or_text, serialization=_SERIALISED)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, _reference_schema()]}


SecretText = Annotated[str | Secret, _SecretOrText]
"""Text of a spec that may stand there as it is, or be ``{secret: NAME}``."""


class Secrets:
    """The secrets that may be referred to, read when they are first asked for, each only once.

    Args:
        sources: where each comes from, and the folder that its ``file`` is relative to; None if that is wrong, and
            was said already: such a secret has no value.
        environ: the environment variables.
        withhold: give out secrets without values, and read nothing.
    """

    def __init__(
        self,
        sources: Mapping[str, tuple[SecretSource | None, Path]],
        *,
        environ: Mapping[str, str] | None = None,
        withhold: bool = False,
    ) -> None:
        self._sources = sources
        self._environ = os.environ if environ is None else environ
        self._withhold = withhold
        self._read: dict[str, Secret] = {}

    def find(self, name: str) -> Secret:
        """Return the secret of that name.

        Raises:
            SecretProblem: nothing declares it, or its source cannot be read.
        """
        if name not in self._sources:
            near = difflib.get_close_matches(name, self._sources, n=1)
            fix = f'did you mean "{near[0]}"?' if near else f"declare it: secrets: {{{name}: {{env: VARIABLE}}}}"
            raise SecretProblem(f'no secret is named "{name}"', code="IK-SPEC-040", fix=fix)
        if name not in self._read:
            source, folder = self._sources[name]
            value = None if self._withhold or source is None else _read(name, source, folder, self._environ)
            self._read[name] = Secret.withheld(name) if value is None else Secret(value, name)
        return self._read[name]


def _read(name: str, source: SecretSource, folder: Path, environ: Mapping[str, str]) -> str:
    """Read a value from its source, or say which source failed and how, but never with what."""
    if source.env is not None:
        origin, value = f"environment variable {source.env}", environ.get(source.env)
        if value is None:
            raise _unreadable(name, f"{origin} is not set")
    else:
        origin = f"file {source.file}" if source.file is not None else f"file descriptor {source.fd}"
        try:
            value = _content(folder / source.file if source.file is not None else source.fd)
        except OSError as error:
            raise _unreadable(name, f"{origin} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            # The decoder's error holds the bytes, so it must not be chained.
            raise _unreadable(name, f"{origin} is not UTF-8 text") from None
    if not value or "\0" in value:
        raise _unreadable(name, f"{origin} is empty" if not value else f"{origin} holds a NUL byte")
    if len(value) > _LARGEST:
        raise _unreadable(name, f"{origin} holds more than {_LARGEST >> 10} KiB")
    return value


def _content(where: Path | int | None) -> str:
    with open(where if where is not None else -1, "rb", closefd=isinstance(where, Path)) as opened:
        text = opened.read(_LARGEST + 2).decode()
    return text.removesuffix("\n").removesuffix("\r")


def _unreadable(name: str, reason: str) -> SecretProblem:
    return SecretProblem(f'secret "{name}" cannot be read: {reason}', code="IK-SPEC-041")


def holds_secret(value: object) -> bool:
    """Tell whether a transform, or any value inside it, is made from a secret."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, BaseModel):
        return any(holds_secret(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, Mapping):
        return any(holds_secret(inner) for pair in value.items() for inner in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return any(holds_secret(inner) for inner in value)
    return False
