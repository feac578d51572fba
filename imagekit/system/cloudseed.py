"""A NoCloud seed inside a guest: whether it would be read, whether the guest takes its content, and its writing."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system import cloudinit, cloudschema, cloudswitch, metadata, nocloud, userdata
from imagekit.system.cloudinit import SEED
from imagekit.system.yamltext import Fault, dotted, fault_at, read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagekit.guest.protocol import Guest
    from imagekit.system.yamltext import Path

_MODES = {nocloud.META_DATA: 0o644}


def check_read(guest: Guest, *, network: bool) -> None:
    """Make sure that the guest's cloud-init would run, look for a seed, and not prefer what it was told elsewhere.

    Args:
        guest: with all of its configuration in place.
        network: the seed has a network configuration.

    Raises:
        Problem: it would not.
    """
    stops = cloudswitch.switched_off_by(guest)
    if stops:
        raise Problem(
            "seed",
            "a seed is of no use: cloud-init is switched off in this image",
            why=f"by {', '.join(stops)}",
            fix="add enabled: true",
            code="IK-CLD-006",
        )
    names = cloudinit.datasources(guest)
    if names and "NoCloud" not in names:
        raise Problem(
            "seed",
            "this image's cloud-init would not read the seed",
            why=f"its datasource list is {', '.join(names)}",
            fix="add datasources: [NoCloud, None]",
            code="IK-CLD-002",
        )
    told = [path for path, _ in cloudinit.settings(guest, "network")] if network else []
    if told:
        raise Problem(
            "seed.network_config",
            f"cloud-init would ignore it: {told[-1]} configures the network too",
            why="the configuration of the system wins over that of a datasource (cloud-init: network configuration)",
            fix=f"delete {told[-1]} in an earlier step",
            code="IK-CLD-005",
        )


def check_content(guest: Guest, files: Mapping[str, bytes], *, mappings: frozenset[str]) -> None:
    """Hold the files of a seed to what cloud-init takes, and to the schemas that the guest's own one brings.

    Args:
        guest: whose cloud-init is asked.
        files: content by file name, with secrets in it.
        mappings: names of those files that a spec gives as mappings, so that a fault has a field and no line.

    Raises:
        Problem: for the first file with a fault; it tells of every fault of that file, and of no value.
    """
    for name, content in files.items():
        told = nocloud.faults(name, content)
        if told:
            raise _problem(name, told, "IK-CLD-004", "", mapping=name in mappings)
        departures = tuple(_departures(guest, name, content))
        if departures:
            why = "the schema of this image's own cloud-init says so"
            raise _problem(name, departures, "IK-CLD-003", why, mapping=name in mappings)


def write(guest: Guest, files: Mapping[str, bytes]) -> None:
    """Write the seed: user data and meta data always; a file that the seed has not is removed.

    Meta data without an instance-id get a fresh one, or the one of the seed that is there if that is equal otherwise.
    """
    given = files.get(nocloud.META_DATA, b"")
    others = {nocloud.USER_DATA: b"", **{name: files[name] for name in files if name != nocloud.META_DATA}}
    meta = metadata.with_instance_id(given, _kept_id(guest, given, others) or str(uuid.uuid4()))
    guest.mkdir_p(SEED)
    for name in nocloud.FILES:
        path = f"{SEED}/{name}"
        if name == nocloud.META_DATA or name in others:
            content = meta if name == nocloud.META_DATA else others[name]
            cloudinit.write_private(guest, path, content, _MODES.get(name, 0o600))
        elif guest.is_file(path):
            guest.erase(path)


def in_image(guest: Guest) -> tuple[str, ...]:
    """Return the meta data of each seed inside the image."""
    return guest.glob_expand("/var/lib/cloud/seed/{nocloud,nocloud-net}/meta-data")


def _kept_id(guest: Guest, given: bytes, others: Mapping[str, bytes]) -> str:
    """Return the instance-id of the seed that is there, if all else of it is as it shall be; else ""."""
    there = {name: guest.read_file(f"{SEED}/{name}") for name in nocloud.FILES if guest.is_file(f"{SEED}/{name}")}
    old = there.pop(nocloud.META_DATA, b"")
    instance = "" if metadata.faults(old) or there != others else metadata.instance_id(old)
    return instance if instance and metadata.with_instance_id(given, instance) == old else ""


def _departures(guest: Guest, name: str, content: bytes) -> Iterator[Fault]:
    if name in nocloud.PRIVATE and userdata.is_cloud_config(content):
        schema = cloudschema.read_schema(guest, "cloud-config-v1")
        document = read_mapping(content)[0]
        above: Path = ()
    elif name == nocloud.NETWORK_CONFIG:
        document = read_mapping(content)[0]
        above = ("network",) if "network" in document else ()
        document = document.get("network", document)
        schema = _network_schema(guest, document.get("version"))
    else:
        return
    for path, said in cloudschema.departures(document, schema) if schema else ():
        yield fault_at(content, (*above, *path), said)


def _network_schema(guest: Guest, version: object) -> dict[str, object] | None:
    """Return the schema of a version; None for 2 where netplan, which knows more keys, is asked instead of it."""
    if version == 1:
        schema = cloudschema.read_schema(guest, "network-config-v1")
    elif version == 2 and guest.facts.network_stack != "netplan":
        schema = cloudschema.read_schema(guest, "network-config-v2")
    else:
        return None
    return cloudschema.network_schema(schema, int(version)) if schema else None


def _problem(name: str, told: tuple[Fault, ...], code: str, why: str, *, mapping: bool) -> Problem:
    field = f"seed.{name.replace('-', '_')}"
    first = told[0]
    more = "; ".join(fault.message if mapping else fault.told() for fault in told[1:])
    if mapping and first.path and all(re.fullmatch(r"[\w-]+", str(part)) for part in first.path):
        field = f"{field}{'' if isinstance(first.path[0], int) else '.'}{dotted(first.path)}"
    also = f"also: {more}" if more else ""
    return Problem(
        field,
        first.message if mapping else first.told(),
        why="; ".join(filter(None, (why, also))),
        fix=first.fix,
        code=code,
    )
