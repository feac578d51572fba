"""systemd.network(5): a file for each interface; of several that match a device, the first by name counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system.network.model import ordered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.system.network.model import Interface

FOLDER = "/etc/systemd/network"
MODE = 0o644


def files(interfaces: tuple[Interface, ...]) -> dict[str, str]:
    """Return the text of each file by its path."""
    return {
        f"{FOLDER}/05-imagekit{number}-{one.label}.network": "\n".join(_lines(one)) + "\n"
        for number, one in enumerate(ordered(interfaces))
    }


def _lines(one: Interface) -> Iterator[str]:
    yield from ("[Match]", f"Name={one.name}")
    if one.mtu:
        yield from ("", "[Link]", f"MTUBytes={one.mtu}")
    yield from ("", "[Network]", f"DHCP={'yes' if one.dhcp else 'no'}")
    yield from (f"Address={address}" for address in one.addresses)
    yield from (f"Gateway={gateway}" for gateway in one.gateways)
    yield from (f"DNS={server}" for server in one.dns)
    yield from (f"Domains={' '.join(one.search)}",) if one.search else ()
    if one.dhcp:
        # By default the lease goes by the machine-id, which clones made by snapshots of one machine share.
        yield from ("", "[DHCPv4]", "ClientIdentifier=mac")
