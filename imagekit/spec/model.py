"""The spec as data: what is to be done, in the author's order, and where each part was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetPydanticSchema,
    PrivateAttr,
    field_validator,
    model_serializer,
)
from pydantic_core import core_schema

from imagekit.diagnostics import Place
from imagekit.secret import SecretSource
from imagekit.spec.conditions import When
from imagekit.spec.nodes import Node, nearest, parse_path
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Mapping

Format = Literal[
    "qcow2", "raw", "vmdk", "vhd", "vhdx", "vdi", "azure", "gce", "ova", "oci", "rootfs-tar", "lxc"
]  # fmt: skip
Compression = Literal["none", "zstd", "zlib"]


def _check_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value):
        raise ValueError("must begin with a letter or a digit and hold only letters, digits, dots, _ and -, at most 64")
    return value


Identifier = Annotated[str, AfterValidator(_check_name)]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an item of a spec was written.

    Attributes:
        field: its path in its file, ``transforms[2]``.
        place: where its kind stands.
        fields: its fields, each with its place; a main field given alone stands under its name.
        beside: ``id`` and ``when``, as far as they are given.
    """

    field: str
    place: Place
    fields: Node
    beside: Node

    def locate(self, path: str) -> Place:
        """Return the place of a field of the transform, ``users[1].groups[0]``, or of the nearest one above it."""
        node = nearest(self.fields, parse_path(path))
        return self.place if node is self.fields else node.place


@dataclass(frozen=True, slots=True)
class Pending:
    """A transform that waits for the facts of a guest, which its fields refer to.

    Attributes:
        kind: the class that it will be.
        fields: its fields, with templates.
        context: what pydantic needs besides: the spec's folder and secrets.
    """

    kind: type[Transform]
    fields: Node = field(repr=False)
    context: Mapping[str, Any] = field(repr=False)


def _instance_of(*classes: type) -> GetPydanticSchema:
    """Let pydantic take instances as they are, without looking into their classes."""
    return GetPydanticSchema(lambda _source, _handler: core_schema.is_instance_schema(classes))


class Entry(BaseModel):
    """One item of ``transforms``: the transform, and what stands beside its kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transform: Annotated[Transform | Pending, _instance_of(Transform, Pending)]
    id: Identifier | None = None
    when: When | None = None
    place: Place | None = None
    origin: Annotated[Origin | None, _instance_of(Origin, type(None))] = Field(default=None, repr=False)

    @property
    def kind(self) -> type[Transform]:
        """The class of the transform."""
        return self.transform.kind if isinstance(self.transform, Pending) else type(self.transform)

    @property
    def kind_name(self) -> str:
        """The kind by its name in a spec."""
        return str(self.kind.model_fields["kind"].default)

    @model_serializer
    def document(self) -> dict[str, Any]:
        """Return the item as a spec writes it; secrets by their names alone."""
        if isinstance(self.transform, Pending):
            fields = self.transform.fields.plain()
        else:
            fields = self.transform.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)
        beside = {"id": self.id, "when": self.when and self.when.model_dump(mode="json", exclude_defaults=True)}
        return {self.kind_name: fields, **{key: value for key, value in beside.items() if value}}


class Output(BaseModel):
    """One image that comes out."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    format: Format = "qcow2"
    """Format of the image."""
    compression: Compression = "none"
    """How its clusters are compressed, where the format can."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A spec that was read: its name as places give it, and the SHA-256 of its text."""

    file: str
    sha256: str


class Spec(BaseModel):
    """What is to be done to an image; in Python ``transforms`` may hold transforms as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    version: Literal[1] = 1
    """Version of the language of specs."""
    name: Identifier | None = None
    """Names the output and the receipt."""
    vars: dict[str, Any] = Field(default_factory=dict)
    """Variables: ``${{ name }}`` in any string stands for their value."""
    secrets: dict[str, SecretSource] = Field(default_factory=dict)
    """Where each secret comes from; ``{secret: name}`` refers to it."""
    transforms: tuple[Entry, ...] = ()
    """The changes, in their order but for opening and closing ones."""
    outputs: tuple[Output, ...] = ()
    """The images that come out."""
    keep_identity: tuple[str, ...] = ()
    """Ids of identities that stay although the build brought them."""
    _sources: tuple[SourceFile, ...] = PrivateAttr(default=())
    _host_files: tuple[str, ...] = PrivateAttr(default=())

    @field_validator("transforms", mode="before")
    @classmethod
    def _wrap(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return tuple(Entry(transform=item) if isinstance(item, Transform) else item for item in value)

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """The files that it was read from, includes among them; () for one made in Python."""
        return self._sources

    @property
    def host_files(self) -> tuple[str, ...]:
        """What tells whether a host file that it names has another content now: digests, in the order of reading.

        Of those also that a step names which waits for the facts of a guest, whose fields are not made yet; if the
        name itself waits, of every file that it may become. () for a spec made in Python, whose fields have digests.
        """
        return self._host_files
