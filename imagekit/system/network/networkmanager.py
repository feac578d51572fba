"""nm-settings-keyfile(5): a profile for each interface; one without a name fits every Ethernet device."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from imagekit.system.network.model import EVERY, is_v6, ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imagekit.system.network.model import Interface

FOLDER = "/etc/NetworkManager/system-connections"
MODE = 0o600
"""NetworkManager ignores profiles that others may read."""
_SEVERAL = 3
_NAMESPACE = uuid.UUID("5f2b6b4a-52d2-4c37-9f61-6f2f0a1f9f3e")
"""Of profiles' ids, which name profiles and no machine: the same name has the same id in every image."""


def files(interfaces: tuple[Interface, ...]) -> dict[str, str]:
    """Return the text of each file by its path."""
    profiles = ordered(interfaces)
    return {
        f"{FOLDER}/imagekit{number}-{one.label}.nmconnection": "\n".join(_lines(one, len(profiles) - number)) + "\n"
        for number, one in enumerate(profiles)
    }


def _lines(one: Interface, priority: int) -> Iterator[str]:
    yield "[connection]"
    yield f"id=imagekit {one.name}"
    yield f"uuid={uuid.uuid5(_NAMESPACE, one.name)}"
    yield from ("type=ethernet", f"autoconnect-priority={priority}")
    if one.is_pattern:
        yield f"multi-connect={_SEVERAL}"
    else:
        yield f"interface-name={one.name}"
    if one.is_pattern and one.name != EVERY:
        yield from ("", "[match]", f"interface-name={one.name};")
    if one.mtu:
        yield from ("", "[ethernet]", f"mtu={one.mtu}")
    yield from _family(one, "ipv4", v6=False)
    yield from _family(one, "ipv6", v6=True)


def _family(one: Interface, section: str, *, v6: bool) -> Iterator[str]:
    addresses = _of(one.addresses, v6=v6)
    yield from ("", f"[{section}]", f"method={_method(one, addresses, v6=v6)}")
    yield from (f"address{number}={address}" for number, address in enumerate(addresses, 1))
    yield from (f"gateway={gateway}" for gateway in _of(one.gateways, v6=v6))
    dns = _of(one.dns, v6=v6)
    if dns:
        yield f"dns={';'.join(dns)};"
    if one.search:
        yield f"dns-search={';'.join(one.search)};"


def _method(one: Interface, addresses: Sequence[str], *, v6: bool) -> str:
    if one.dhcp:
        return "auto"
    if addresses:
        return "manual"
    return "link-local" if v6 else "disabled"


def _of(addresses: Sequence[str], *, v6: bool) -> list[str]:
    return [address for address in addresses if is_v6(address) is v6]
