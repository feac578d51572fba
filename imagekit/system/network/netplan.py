"""netplan(5): one YAML file, from which it configures networkd or NetworkManager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imagekit.system import yamltext
from imagekit.system.network.model import is_v6, ordered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagekit.system.network.model import Interface

FILE = "/etc/netplan/90-imagekit.yaml"
MODE = 0o600
"""netplan warns of files that others may read."""


def files(interfaces: tuple[Interface, ...], renderer: str = "") -> dict[str, str]:
    """Return the text of each file by its path; a renderer is what netplan hands it to, "" for its own choice."""
    # The ids name networkd's files, of which the first that matches a device counts.
    devices = {f"imagekit{number}": _device(one) for number, one in enumerate(ordered(interfaces))}
    chosen = {"renderer": renderer} if renderer else {}
    return {FILE: yamltext.dump({"network": {"version": 2, **chosen, "ethernets": devices}})}


def _device(one: Interface) -> dict[str, Any]:
    device: dict[str, Any] = {"match": {"name": one.name}, "dhcp4": one.dhcp, "dhcp6": one.dhcp}
    if one.dhcp:
        # By default the lease goes by the machine-id, which clones made by snapshots of one machine share.
        device["dhcp-identifier"] = "mac"
    if one.addresses:
        device["addresses"] = list(one.addresses)
    routes = [{"to": "::/0" if is_v6(gateway) else "0.0.0.0/0", "via": gateway} for gateway in one.gateways]
    if routes:
        device["routes"] = routes
    nameservers = _given(addresses=one.dns, search=one.search)
    if nameservers:
        device["nameservers"] = nameservers
    if one.mtu:
        device["mtu"] = one.mtu
    return device


def _given(**lists: Sequence[str]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in lists.items() if values}
