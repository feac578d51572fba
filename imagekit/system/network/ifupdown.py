"""interfaces(5): one file, read by Debian's ifupdown, and by ifupdown-ng and busybox on Alpine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system.network.model import is_v6, ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imagekit.system.network.model import Interface

FILE = "/etc/network/interfaces"
MODE = 0o644


def files(interfaces: tuple[Interface, ...]) -> dict[str, str]:
    """Return the text of each file by its path.

    A pattern is written as Debian's ifupdown has it, ``auto /en*=imagekit0``: the devices that are there at boot.
    It takes the first logical name for a device that several lines match, so exact names stand before patterns.
    """
    stanzas = ["auto lo\niface lo inet loopback"]
    for number, one in enumerate(ordered(interfaces)):
        logical = f"imagekit{number}" if one.is_pattern else one.name
        auto = f"auto /{one.name}={logical}" if one.is_pattern else f"auto {one.name}"
        stanzas.append("\n".join((auto, *_stanzas(one, logical))))
    return {FILE: "\n\n".join(stanzas) + "\n"}


def _stanzas(one: Interface, logical: str) -> Iterator[str]:
    if one.dhcp:
        yield f"iface {logical} inet dhcp"
        yield from _options(one, ())
    for v6 in (False, True):
        found = [address for address in one.addresses if is_v6(address) is v6]
        for index, address in enumerate(found):
            yield f"iface {logical} inet{'6' if v6 else ''} static"
            yield f"    address {address}"
            gateways = [gateway for gateway in one.gateways if is_v6(gateway) is v6]
            yield from _options(one, gateways if index == 0 else ())
    if not one.dhcp and not one.addresses:
        yield f"iface {logical} inet manual"


def _options(one: Interface, gateways: Sequence[str]) -> Iterator[str]:
    yield from (f"    gateway {gateway}" for gateway in gateways)
    yield from (f"    dns-nameservers {' '.join(one.dns)}",) if one.dns else ()
    yield from (f"    dns-search {' '.join(one.search)}",) if one.search else ()
    yield from (f"    mtu {one.mtu}",) if one.mtu else ()
