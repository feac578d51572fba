"""Write a network configuration for the stack that a guest uses, in place of the one that would contradict it."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.guest import paths
from imagekit.system import cloudclean, cloudinit
from imagekit.system.network import ifcfg, ifupdown, netplan, networkd, networkmanager
from imagekit.system.network.model import EVERY
from imagekit.system.text import read_text, write_text
from imagekit.system.yamltext import read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagekit.guest.protocol import Guest
    from imagekit.system.network.ifcfg import Style
    from imagekit.system.network.model import Interface

_ETHERNET_ALONE = {"version", "renderer", "ethernets"}
_FIRST = "eth0"


def configure(guest: Guest, interfaces: tuple[Interface, ...]) -> None:
    """Write what the interfaces shall be like.

    What is there stays where it is weaker (networkd, NetworkManager) or of other devices (ifcfg); netplan's files of
    Ethernet devices alone go, and /etc/network/interfaces is written anew.

    Raises:
        Problem: the guest has no stack that is known, or one that cannot be told this.
    """
    stack = guest.facts.network_stack
    wanted = _named(guest, interfaces)
    if stack == "netplan":
        _write(guest, netplan.files(wanted, _replace_netplan(guest)), netplan.MODE)
    elif stack == "networkd":
        _write_alone(guest, networkd.files(wanted), networkd.MODE, f"{networkd.FOLDER}/05-imagekit*.network")
    elif stack == "NetworkManager":
        ours = f"{networkmanager.FOLDER}/imagekit*.nmconnection"
        _write_alone(guest, networkmanager.files(wanted), networkmanager.MODE, ours)
    elif stack == "ifupdown":
        _write(guest, ifupdown.files(wanted), ifupdown.MODE)
    elif stack in ("ifcfg", "wicked"):
        _write(guest, ifcfg.files(wanted, _style(guest)), ifcfg.MODE)
    else:
        raise Problem(
            "",
            "nothing in this image configures a network that imagekit knows",
            fix="install netplan, NetworkManager, ifupdown or another such in an earlier step",
            code="IK-NET-001",
        )


def remarks(guest: Guest, interfaces: tuple[Interface, ...]) -> Iterator[str]:
    """Yield what the author should know of the network that was written."""
    if cloudinit.is_active(guest) and cloudclean.renders_network(guest):
        yield (
            "cloud-init configures the network of each new instance too; to leave it to this step, add "
            "cloud-init: {config: {network: {config: disabled}}}"
        )
    if not _knows_patterns(guest) and any(one.name == EVERY for one in interfaces):
        exact = {one.name for one in interfaces}
        names = ", ".join(name for name in _known_names(guest) if name not in exact)
        yield (
            "this image's network configuration knows no patterns of names, so that DHCP is for "
            f"{names or 'no device'} and not for every one"
        )
    if guest.facts.network_stack == "ifupdown" and guest.glob_expand("/etc/network/interfaces.d/*"):
        yield "what is in /etc/network/interfaces.d is not read any more"


def _knows_patterns(guest: Guest) -> bool:
    """Tell whether names may be patterns: those of ifcfg files may not, nor those of Alpine's ifupdown."""
    facts = guest.facts
    return facts.network_stack not in ("ifcfg", "wicked") and not (
        facts.network_stack == "ifupdown" and facts.family == "alpine"
    )


def _named(guest: Guest, interfaces: tuple[Interface, ...]) -> tuple[Interface, ...]:
    """Return the interfaces as the guest's stack can name them; what stands for every device becomes the known ones."""
    if _knows_patterns(guest):
        return interfaces
    exact = {one.name: one for one in interfaces if not one.is_pattern}
    for index, one in enumerate(interfaces):
        if one.is_pattern and one.name != EVERY:
            raise Problem(
                f"interfaces[{index}].name",
                f"this image's network configuration knows no patterns, so {one.name!r} names no device",
                fix="give each device its exact name",
                code="IK-NET-002",
            )
        if one.is_pattern:
            others = (dataclasses.replace(one, name=name) for name in _known_names(guest) if name not in exact)
            exact.update((each.name, each) for each in others)
    return tuple(exact.values())


def _known_names(guest: Guest) -> tuple[str, ...]:
    """Return the devices that the guest's configuration names now; the first one of Linux where it names none."""
    if guest.facts.network_stack == "ifupdown":
        found = re.findall(r"^iface[ \t]+(\S+)", read_text(guest, ifupdown.FILE), re.MULTILINE)
    else:
        folder = ifcfg.FOLDERS[_style(guest)]
        found = [paths.name(path).removeprefix("ifcfg-") for path in guest.glob_expand(f"{folder}/ifcfg-*")]
    names = dict.fromkeys(name for name in found if re.fullmatch(r"[A-Za-z][\w-]*", name) and name != "lo")
    return tuple(names) or (_FIRST,)


def _style(guest: Guest) -> Style:
    return "suse" if guest.facts.family == "suse" else "redhat"


def _replace_netplan(guest: Guest) -> str:
    """Remove files of Ethernet devices alone, which would win or be merged, and return the renderer they chose."""
    renderer, gone = "", []
    for path in guest.glob_expand("/etc/netplan/*.yaml"):
        network = read_mapping(read_text(guest, path).encode("utf-8", "surrogateescape"))[0].get("network")
        keys = set(network) if isinstance(network, dict) else set()
        if "ethernets" not in keys:
            continue
        if not keys <= _ETHERNET_ALONE:
            raise Problem(
                "",
                f"{path} configures more than Ethernet devices",
                why=f"it has {', '.join(sorted(map(str, keys - _ETHERNET_ALONE)))} too, which imagekit does not take apart",
                fix="delete it in an earlier step, or split it",
                code="IK-NET-003",
            )
        renderer = str(network.get("renderer", renderer)) if isinstance(network, dict) else renderer
        if path != netplan.FILE:
            gone.append(path)
    guest.erase(*gone)
    return renderer


def _write_alone(guest: Guest, files: Mapping[str, str], mode: int, ours: str) -> None:
    """Write files, and remove those of ours that an earlier configuration had and this one has not."""
    guest.erase(*(path for path in guest.glob_expand(ours) if path not in files))
    _write(guest, files, mode)


def _write(guest: Guest, files: Mapping[str, str], mode: int) -> None:
    for path, text in files.items():
        guest.mkdir_p(paths.parent(path))
        write_text(guest, path, text)
        guest.chmod(mode, path)
