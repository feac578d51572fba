"""The network-config file of cloud-init, versions 1 and 2: its form, and what ties it to one machine.

Sources: cloud-init's docs (reference/network-config-format-v1 and -v2) and schema-network-config-v1.json, -v2.json.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from imagekit.system.yamltext import Path, fault_at, read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagekit.system.yamltext import Fault

V1_TYPES: Mapping[str, tuple[str, ...]] = {
    "physical": ("name",),
    "bond": ("name", "bond_interfaces"),
    "bridge": ("name", "bridge_interfaces"),
    "vlan": ("name", "vlan_link", "vlan_id"),
    "nameserver": ("address",),
    "route": (),
    "loopback": (),
    "infiniband": ("name",),
}
"""Types of the items of version 1, and the keys that each must have."""
V2_DEVICES = (
    "ethernets",
    "bonds",
    "bridges",
    "vlans",
    "wifis",
    "modems",
    "tunnels",
    "vrfs",
    "dummy-devices",
    "virtual-ethernets",
    "nm-devices",
)
"""Kinds of devices of version 2; cloud-init hands to netplan those that it does not render itself."""
_V2_KEYS = ("version", "renderer", *V2_DEVICES, "openvswitch")
_MATCHES = ("name", "driver", "macaddress")
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")

Wrong = tuple[Path, str, str]


def faults(content: bytes) -> tuple[Fault, ...]:
    """Return what is wrong with a network-config file, which may stand below a ``network`` key."""
    document, broken = read_mapping(content)
    if broken or not document:
        return broken
    above: Path = ("network",) if "network" in document else ()
    config = document.get("network", document)
    return tuple(fault_at(content, (*above, *path), said, fix) for path, said, fix in wrong(config))


def wrong(config: Any) -> Iterator[Wrong]:
    """Yield path, message and fix of what is wrong with a network configuration as plain values."""
    if not isinstance(config, dict):
        yield (), "what stands below network is no YAML mapping", ""
    elif config.get("config") == "disabled":
        return
    elif config.get("version") == 1:
        yield from _wrong_v1(config)
    elif config.get("version") == 2:
        yield from _wrong_v2(config)
    else:
        yield (), "a network configuration says version: 1 or version: 2", "version: 2"


def _wrong_v1(config: Mapping[str, Any]) -> Iterator[Wrong]:
    items = config.get("config")
    if not isinstance(items, list):
        yield (("config",) if "config" in config else ()), "version 1 has a list below config", ""
        return
    for index, item in enumerate(items):
        path: Path = ("config", index)
        kind = item.get("type") if isinstance(item, dict) else None
        if not isinstance(kind, str) or kind not in V1_TYPES:
            near = difflib.get_close_matches(str(kind), V1_TYPES, n=1)
            yield path, f"config[{index}] has a type, one of {', '.join(V1_TYPES)}", f"type: {near[0]}" if near else ""
            continue
        for key in V1_TYPES[kind]:
            if key not in item:
                yield path, f"config[{index}], a {kind}, has no {key}", ""


def _wrong_v2(config: Mapping[str, Any]) -> Iterator[Wrong]:
    for key, devices in config.items():
        if key not in _V2_KEYS:
            near = difflib.get_close_matches(str(key), _V2_KEYS, n=1)
            yield (str(key),), f"{key!r} is no key of version 2", f"did you mean {near[0]}?" if near else ""
        elif key in V2_DEVICES:
            if not isinstance(devices, dict):
                yield (key,), f"{key} is a mapping of devices by their names", ""
                continue
            for name, device in devices.items():
                yield from _wrong_device((key, str(name)), device)


def _wrong_device(path: Path, device: Any) -> Iterator[Wrong]:
    where = f"{path[0]}.{path[1]}"
    if not isinstance(device, dict):
        yield path, f"{where} is no mapping", "write {} for a device without settings"
        return
    match = device.get("match", {})
    if not isinstance(match, dict):
        yield (*path, "match"), f"{where}.match is no mapping", ""
        return
    for key in match:
        if key not in _MATCHES:
            near = difflib.get_close_matches(str(key), _MATCHES, n=1)
            fix = f"write {near[0]}" if near else ""
            yield (*path, "match", str(key)), f"{where} can only match {', '.join(_MATCHES)}, not {key!r}", fix
    if "set-name" in device and not match:
        yield (*path, "set-name"), f"{where} has a set-name, which needs a match", ""
    address = match.get("macaddress")
    if address is not None and not _MAC.fullmatch(str(address)):
        said = f"{where} matches a macaddress that is none"
        yield (*path, "match", "macaddress"), said, 'quote it: macaddress: "52:54:00:12:34:56"'


def hardware_addresses(config: Any) -> Iterator[Path]:
    """Yield the path of each hardware address that the configuration finds a device by.

    Such a device is found on one machine and on none of its clones. An address that is given *to* a device
    (``macaddress`` beside ``match`` in version 2, ``mac_address`` of a bond) does not count.
    """
    inner = config.get("network", config) if isinstance(config, dict) else {}
    if not isinstance(inner, dict):
        return
    items = inner.get("config")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and item.get("type") == "physical" and "mac_address" in item:
            yield ("config", index, "mac_address")
    for kind in V2_DEVICES:
        devices = inner.get(kind)
        for name, device in (devices if isinstance(devices, dict) else {}).items():
            match = device.get("match") if isinstance(device, dict) else None
            if isinstance(match, dict) and "macaddress" in match:
                yield (kind, str(name), "match", "macaddress")
