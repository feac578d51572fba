"""The cloud-init transform."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from imagekit.diagnostics import Problem
from imagekit.hostfile import HostFile
from imagekit.secret import Secret, SecretText, holds_secret
from imagekit.system import cloudinit, userdata, yamltext
from imagekit.system.fields import Tree, masked, revealed
from imagekit.transform import Transform

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


def _form(value: Any) -> str:
    if isinstance(value, HostFile) or (
        isinstance(value, dict) and "file" in value and set(value) <= {"file", "sha256"}
    ):
        return "file"
    return "mapping" if isinstance(value, dict) and set(value) != {"secret"} else "text"


Part = Annotated[
    Annotated[HostFile, Tag("file")] | Annotated[Tree, Tag("mapping")] | Annotated[SecretText, Tag("text")],
    Discriminator(_form),
]
"""One file of a seed: a mapping that becomes YAML, a text, or ``{file: …}`` on the host."""

Datasource = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]*$")]
_HEADER = "#cloud-config\n"


def part_bytes(part: HostFile | dict[str, Any] | SecretText, header: str = "", *, reveal: bool = True) -> bytes:
    """Return the bytes of a seed's file; a mapping becomes YAML below the header. Unrevealed, secrets are masked."""
    if isinstance(part, HostFile):
        return part.content
    known = revealed(part) if reveal else masked(part)
    return (header + yamltext.dump(known) if isinstance(known, dict) else str(known)).encode()


class Seed(BaseModel):
    """A NoCloud seed inside the image, which makes it a personal one: the seed of one machine, not of a template."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    meta_data: Part | None = None
    """instance-id (a fresh one if not given), local-hostname …"""
    user_data: Part | None = None
    """A mapping is taken for cloud-config; a text needs the header that cloud-init knows it by."""
    vendor_data: Part | None = None
    """As user_data."""
    network_config: Part | None = None
    """Version 1 or 2, as cloud-init has it."""

    @field_validator("meta_data", "user_data", "vendor_data", "network_config")
    @classmethod
    def _cloud_init_will_read_it(cls, value: Part | None, info: ValidationInfo) -> Part | None:
        if info.field_name == "meta_data" and holds_secret(value):
            raise ValueError("every user of the guest may read it, so it takes no secret")
        if value is None or isinstance(value, Secret):
            return value
        fault_of = {"meta_data": userdata.meta_data_fault, "network_config": userdata.network_config_fault}
        header = "" if info.field_name in fault_of else _HEADER
        fault = fault_of.get(str(info.field_name), userdata.user_data_fault)(part_bytes(value, header, reveal=False))
        if fault:
            raise ValueError(fault)
        return value

    def meta(self) -> dict[str, Any]:
        """Return the meta data as a mapping."""
        return dict(yamltext.parse(part_bytes(self.meta_data)) or {}) if self.meta_data is not None else {}

    def files(self) -> dict[str, bytes]:
        """Return the other files by their names: user-data always, the optional ones if given."""
        parts = {
            "user-data": part_bytes("" if self.user_data is None else self.user_data, _HEADER),
            "vendor-data": None if self.vendor_data is None else part_bytes(self.vendor_data, _HEADER),
            "network-config": None if self.network_config is None else part_bytes(self.network_config),
        }
        return {name: content for name, content in parts.items() if content is not None}


class CloudInit(Transform):
    """Prepare cloud-init for the next boot: a new instance, its datasources, defaults, and a seed if wanted.

    A seed inside the image wins over a seed disk for meta data (instance-id, host name) and loses to it for user
    data and network configuration, as cloud-init merges them (DataSourceNoCloud.py): a machine made from an image
    with a seed cannot be given another identity by a disk. Templates therefore take ``config``, and no ``seed``.
    """

    example: ClassVar[str] = "cloud-init: {datasources: [NoCloud, ConfigDrive, None]}"
    phase: ClassVar[Literal["closing"]] = "closing"
    order: ClassVar[int] = 10

    kind: Literal["cloud-init"] = "cloud-init"
    seed: Seed | None = None
    """A NoCloud seed for the one machine that this image is for, in /var/lib/cloud/seed/nocloud."""
    config: Tree = Field(default_factory=dict)
    """Defaults in /etc/cloud/cloud.cfg.d, which user data may override."""
    datasources: Annotated[tuple[Datasource, ...], Field(min_length=1)] | None = None
    """Where cloud-init looks, in this order; the names are its own, such as NoCloud, ConfigDrive, None."""
    clean: bool = True
    """Forget the instance that ran in this image, as ``cloud-init clean`` does, so that the next boot is a first one."""
    enabled: bool | None = None
    """Switch cloud-init on or off; left as it is unless said."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.seed and self.enabled is False:
            raise ValueError("a seed is of no use with enabled: false")
        if self.seed and self.datasources and "NoCloud" not in self.datasources:
            raise ValueError("a seed is only read if datasources names NoCloud")
        if "datasource_list" in self.config:
            raise ValueError("config: give datasource_list as datasources, which writes it the way that is read early")
        return self

    def apply(self, guest: Guest) -> None:
        """Forget the old instance, then write what the next boot shall find."""
        if not cloudinit.is_installed(guest):
            raise Problem(
                "",
                "this image has no cloud-init",
                fix="install it in an earlier step: packages: {install: [cloud-init]}",
                code="IK-CLD-001",
            )
        if self.clean:
            cloudinit.clean(guest)
        if self.enabled is not None:
            cloudinit.set_enabled(guest, enabled=self.enabled)
        if self.datasources:
            # ds-identify, a shell script, reads the list only if it stands on one line.
            cloudinit.write_config(guest, "datasources", f"datasource_list: [ {', '.join(self.datasources)} ]\n")
        if self.config:
            cloudinit.write_config(guest, "config", yamltext.dump(revealed(self.config)))
        if self.seed:
            _write_seed(guest, self.seed)


def _write_seed(guest: Guest, seed: Seed) -> None:
    _check_read(guest)
    _check_schema(guest, seed)
    files = seed.files()
    meta = seed.meta()
    meta.setdefault("instance-id", _kept_id(guest, meta, files) or str(uuid.uuid4()))
    guest.mkdir_p(cloudinit.SEED)
    for name in ("user-data", "vendor-data", "network-config"):
        path = f"{cloudinit.SEED}/{name}"
        if name in files:
            cloudinit.write_private(guest, path, files[name], 0o600)
        elif guest.is_file(path):
            guest.erase(path)
    cloudinit.write_private(guest, f"{cloudinit.SEED}/meta-data", yamltext.dump(meta), 0o644)


def _kept_id(guest: Guest, meta: dict[str, Any], files: dict[str, bytes]) -> str | None:
    """Return the instance-id of the seed that is there, if all else of it is as it shall be."""
    there = {
        name: guest.read_file(f"{cloudinit.SEED}/{name}")
        for name in ("meta-data", "user-data", "vendor-data", "network-config")
        if guest.is_file(f"{cloudinit.SEED}/{name}")
    }
    old = there.pop("meta-data", b"")
    if userdata.meta_data_fault(old) or there != files:
        return None
    old_meta = dict(yamltext.parse(old) or {})
    instance = old_meta.pop("instance-id", None)
    return instance if old_meta == meta and isinstance(instance, str) else None


def _check_read(guest: Guest) -> None:
    names = cloudinit.datasources(guest)
    if names and "NoCloud" not in names:
        raise Problem(
            "seed",
            "this image's cloud-init would not read the seed",
            why=f"its datasource list is {', '.join(names)}",
            fix="add datasources: [NoCloud, None]",
            code="IK-CLD-002",
        )


def _check_schema(guest: Guest, seed: Seed) -> None:
    content = seed.files()["user-data"]
    fault = userdata.user_data_fault(content)  # what came from a secret was not looked at before
    if fault:
        raise Problem("seed.user_data", fault, code="IK-CLD-004")
    schema = cloudinit.cloud_config_schema(guest)
    if schema is None or not userdata.is_cloud_config(content):
        return
    faults = tuple(userdata.schema_faults(yamltext.parse(content) or {}, json.loads(schema)))
    if faults:
        raise Problem(
            "seed.user_data",
            faults[0],
            why="the schema of this image's own cloud-init says so" + (f"; {len(faults)} faults" if faults[1:] else ""),
            code="IK-CLD-003",
        )
