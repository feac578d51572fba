"""ifcfg files: those of Red Hat's network scripts (sysconfig.txt of initscripts), and of wicked on SUSE (ifcfg(5))."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Literal

from imagekit.system.network.model import is_v6

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.system.network.model import Interface

Style = Literal["redhat", "suse"]
FOLDERS: dict[Style, str] = {"redhat": "/etc/sysconfig/network-scripts", "suse": "/etc/sysconfig/network"}
MODE = 0o644


def files(interfaces: tuple[Interface, ...], style: Style) -> dict[str, str]:
    """Return the text of each file by its path; no name is a pattern, for these files know none."""
    lines = _redhat if style == "redhat" else _suse
    found = {f"{FOLDERS[style]}/ifcfg-{one.name}": "\n".join(lines(one)) + "\n" for one in interfaces}
    if style == "suse":
        routed = (one for one in interfaces if one.gateways)
        found |= {f"{FOLDERS[style]}/ifroute-{one.name}": _suse_routes(one) for one in routed}
    return found


def _redhat(one: Interface) -> Iterator[str]:
    yield from (f"DEVICE={one.name}", "TYPE=Ethernet", "ONBOOT=yes", f"BOOTPROTO={'dhcp' if one.dhcp else 'none'}")
    for number, address in enumerate(each for each in one.addresses if not is_v6(each)):
        found = ipaddress.ip_interface(address)
        yield from (f"IPADDR{number}={found.ip}", f"PREFIX{number}={found.network.prefixlen}")
    six = [address for address in one.addresses if is_v6(address)]
    if one.dhcp or six:
        yield "IPV6INIT=yes"
    if one.dhcp:
        yield "DHCPV6C=yes"
    if six:
        yield from (f"IPV6ADDR={six[0]}", *([f'IPV6ADDR_SECONDARIES="{" ".join(six[1:])}"'] if six[1:] else []))
    yield from (f"{'IPV6_DEFAULTGW' if is_v6(gateway) else 'GATEWAY'}={gateway}" for gateway in one.gateways)
    yield from (f"DNS{number}={server}" for number, server in enumerate(one.dns, 1))
    yield from (f'DOMAIN="{" ".join(one.search)}"',) if one.search else ()
    yield from (f"MTU={one.mtu}",) if one.mtu else ()


def _suse(one: Interface) -> Iterator[str]:
    yield from ("STARTMODE='auto'", f"BOOTPROTO='{_suse_protocol(one)}'")
    for number, address in enumerate(one.addresses):
        yield f"IPADDR{f'_{number}' if number else ''}='{address}'"
    yield from (f"MTU='{one.mtu}'",) if one.mtu else ()


def _suse_routes(one: Interface) -> str:
    """Return ifroute(5): where to, over which gateway."""
    return "".join(f"default {gateway} - {one.name}\n" for gateway in one.gateways)


def _suse_protocol(one: Interface) -> str:
    if one.dhcp:
        return "dhcp+static" if one.addresses else "dhcp"
    return "static" if one.addresses else "none"
