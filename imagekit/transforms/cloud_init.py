"""The cloud-init transform."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
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
from imagekit.system import cloudclean, cloudinit, cloudseed, cloudswitch, netconfig, nocloud, yamltext
from imagekit.system.fields import Tree, masked, revealed
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest
    from imagekit.system.yamltext import Fault


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
_PARTS = {name.replace("-", "_"): name for name in nocloud.FILES}
_NO_CLOUD_INIT = "install it in an earlier step: packages: {install: [cloud-init]}"


class PartRefused(ValueError):
    """A part of a seed is nothing that cloud-init would take; carries what the loader shows beside the message."""

    code = "IK-CLD-004"

    def __init__(self, part: object, faults: tuple[Fault, ...]) -> None:
        self.fix = faults[0].fix
        file = part.file if isinstance(part, HostFile) else ""
        shown = (fault.message if isinstance(part, dict) else fault.told(file) for fault in faults)
        super().__init__("; ".join(shown))


def part_bytes(name: str, part: HostFile | dict[str, Any] | SecretText, *, reveal: bool = True) -> bytes:
    """Return the bytes of a seed's file; a mapping becomes YAML below its header. Unrevealed, secrets are masked."""
    if isinstance(part, HostFile):
        return part.content
    known = revealed(part) if reveal else masked(part)
    return (nocloud.header(name) + yamltext.dump(known) if isinstance(known, dict) else str(known)).encode()


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

    @field_validator(*_PARTS)
    @classmethod
    def _cloud_init_will_take_it(cls, value: Part | None, info: ValidationInfo) -> Part | None:
        name = _PARTS[str(info.field_name)]
        if name == nocloud.META_DATA and holds_secret(value):
            raise ValueError("every user of the guest may read it, so it takes no secret")
        if value is None or isinstance(value, Secret):
            return value
        faults = nocloud.faults(name, part_bytes(name, value, reveal=False))
        if faults:
            raise PartRefused(value, faults)
        return value

    def files(self) -> dict[str, bytes]:
        """Return the content of each part that is given by the name of its file, with secrets in it."""
        given = ((name, getattr(self, field)) for field, name in _PARTS.items())
        return {name: part_bytes(name, part) for name, part in given if part is not None}

    def mappings(self) -> frozenset[str]:
        """Return the names of the files that are given as mappings."""
        return frozenset(name for field, name in _PARTS.items() if isinstance(getattr(self, field), dict))


class Clean(BaseModel):
    """What is forgotten of the instance that ran in this image; its state in /var/lib/cloud always is."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    logs: bool = True
    """Its logs, as ``cloud-init clean --logs`` does."""
    configs: bool = True
    """What it rendered of network, sshd, sudo and fstab, if cloud-init will run and make them anew."""
    scripts: bool = True
    """Scripts in /var/lib/cloud/scripts too, as ``cloud-init clean`` does; false keeps those for each boot or instance."""
    seed: bool = False
    """Seeds inside the image, as ``cloud-init clean --seed`` does."""


def _as_clean(value: Any) -> Any:
    return ({} if value else None) if isinstance(value, bool) else value


class CloudInit(Transform):
    """Prepare cloud-init for the next boot: a new instance, its datasources, defaults, and a seed if wanted.

    A seed inside the image wins over a seed disk for meta data (instance-id, host name) and loses to it for user
    data and network configuration, as cloud-init merges them (DataSourceNoCloud.py): a machine made from an image
    with a seed cannot be given another identity by a disk. Templates therefore take ``config``, and no ``seed``.

    Cleaning removes what ``cloud-init clean --logs --configs all`` of any version does, and what it leaves: sudo
    rules, ifcfg files that cloud-init wrote, and the leftovers of Ubuntu's installer. Programs in /etc/cloud/clean.d
    are named, not run. The machine-id and SSH host keys have kinds of their own.
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
    clean: Annotated[Clean | None, BeforeValidator(_as_clean, json_schema_input_type=bool | Clean)] = Clean()
    """Forget the instance that ran in this image, so that the next boot is a first one; true, false, or what of it."""
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
        if "network" in self.config:
            _check_network(self.config["network"])
            if self.seed and self.seed.network_config is not None:
                raise ValueError("config: its network wins over network_config of the seed; give one of them")
        return self

    @property
    def resets(self) -> tuple[str, ...]:
        """The state of the instance is gone after this step, and stays so."""
        return ("cloud-init-state",) if self.clean else ()

    def apply(self, guest: Guest) -> None:
        """Forget the old instance, then write what the next boot shall find."""
        if not cloudinit.is_installed(guest):
            raise Problem("", "this image has no cloud-init", fix=_NO_CLOUD_INIT, code="IK-CLD-001")
        if self.clean:
            _forget(guest, self.clean, seeded=self.seed is not None)
        if self.enabled is not None:
            (cloudswitch.switch_on if self.enabled else cloudswitch.switch_off)(guest)
        if self.datasources:
            _set_datasources(guest, self.datasources)
        if self.config:
            cloudinit.write_config(guest, "config", yamltext.dump(revealed(self.config)))
        if self.clean and self.clean.configs:
            _forget_rendered(guest)
        if self.seed:
            cloudseed.check_read(guest, network=self.seed.network_config is not None)
            cloudseed.check_content(guest, self.seed.files(), mappings=self.seed.mappings())
            cloudseed.write(guest, self.seed.files())

    def remarks(self, guest: Guest) -> Iterator[str]:
        """Tell what a clone of this image will be like that its author may not expect."""
        yield from _seed_remarks(guest, self.seed)
        stops = cloudswitch.switched_off_by(guest)
        if stops and self.enabled is None:
            yield f"cloud-init is switched off in this image by {', '.join(stops)}; enabled: true switches it on"
        if self.clean:
            yield from _clean_remarks(guest)


def _check_network(network: Any) -> None:
    for path, said, _ in netconfig.wrong(network):
        raise ValueError(f"config.{yamltext.dotted(('network', *path))}: {said}")
    for path in netconfig.hardware_addresses(network):
        where = yamltext.dotted(("network", *path))
        raise ValueError(f"config.{where} is the address of one machine, which no clone has; match a name or a driver")


def _forget(guest: Guest, clean: Clean, *, seeded: bool) -> None:
    cloudclean.clean_installer(guest)
    cloudclean.clean_state(guest, spare=() if clean.scripts else cloudclean.own_scripts(guest))
    if clean.seed:
        cloudclean.clean_seed(guest, spare=(cloudinit.SEED,) if seeded else ())
    if clean.logs:
        cloudclean.clean_logs(guest)


def _forget_rendered(guest: Guest) -> None:
    """Remove what cloud-init rendered, as far as it will make it anew: a guest must not be left without a network."""
    if not cloudswitch.switched_off_by(guest):
        cloudclean.clean_access(guest)
        if cloudclean.renders_network(guest):
            cloudclean.clean_network(guest)


def _set_datasources(guest: Guest, names: tuple[str, ...]) -> None:
    for index, name in enumerate(names):
        if not cloudinit.knows_datasource(guest, name):
            known = cloudinit.datasource_names(guest)
            near = difflib.get_close_matches(name.lower(), {each.lower(): each for each in known}, n=1)
            spelt = next((each for each in known if near and each.lower() == near[0]), "")
            raise Problem(
                f"datasources[{index}]",
                f"this image's cloud-init has no datasource {name!r}",
                why="it has " + ", ".join(known),
                fix=f"did you mean {spelt}?" if spelt else "",
                code="IK-CLD-007",
            )
    # ds-identify, a shell script, reads the list only if it stands on one line.
    cloudinit.write_config(guest, "datasources", f"datasource_list: [ {', '.join(names)} ]\n")
    found = cloudinit.datasources(guest)
    if found != names:
        raise Problem(
            "datasources",
            "another file of this image has cloud-init look elsewhere",
            why=f"{cloudswitch.DS_IDENTIFY}, or a file in {cloudinit.CONFIG_FOLDER} that sorts later, says "
            + (", ".join(found) or "so over several lines"),
            fix="delete it in an earlier step",
            code="IK-CLD-008",
        )


def _seed_remarks(guest: Guest, seed: Seed | None) -> Iterator[str]:
    there = cloudseed.in_image(guest)
    if there:
        yield (
            f"every copy of this image is one and the same instance to cloud-init, for it has a seed, {there[0]}: a seed "
            "disk cannot change its instance-id and host name, while user data of that disk replace its own"
        )
        if seed is None:
            yield "the seed was there before; a template has none: clean: {seed: true}"
    if seed:
        yield from nocloud.remarks(seed.files())
        yield from nocloud.ties_to_machine(seed.files())


def _clean_remarks(guest: Guest) -> Iterator[str]:
    scripts = cloudclean.other_scripts(guest)
    if scripts:
        yield f"cloud-init clean would also run {', '.join(scripts)}, which was not done"
    rendered = cloudclean.rendered_network(guest)
    if rendered:
        yield f"{', '.join(rendered)} stays, for cloud-init would not write it anew; it may name one machine's devices"
    for path, value in cloudinit.settings(guest, "manual_cache_clean"):
        if value:
            yield f"{path} sets manual_cache_clean, so a copy of a machine that ran takes itself for that machine"
