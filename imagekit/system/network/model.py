"""What a network shall be like, whatever stack configures it."""

from __future__ import annotations

from dataclasses import dataclass

EVERY = "e*"
"""Names of Ethernet devices: eth0, eno1, ens3, enp1s0, enx… (systemd.net-naming-scheme(7))."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One device, or all whose names match.

    Attributes:
        name: a device name, or a shell pattern of such: ``eth1``, ``en*``.
        dhcp: take addresses by DHCP; those of IPv6 too, unless the stack leaves them to the kernel, as ifupdown does.
        addresses: fixed ones with the length of their prefix, ``10.0.0.5/24``.
        gateways: where other networks are reached; at most one of IPv4 and one of IPv6.
        dns: addresses of name servers.
        search: domains that short names are looked up in.
        mtu: largest packet in bytes; 0 for what the device has.
    """

    name: str
    dhcp: bool = False
    addresses: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    mtu: int = 0

    @property
    def is_pattern(self) -> bool:
        """Whether the name stands for several devices."""
        return any(char in self.name for char in "*?[")

    @property
    def label(self) -> str:
        """The name as a file name may have it."""
        return self.name.translate({ord(char): "x" for char in "*?[]!^"})


def is_v6(address: str) -> bool:
    """Tell whether an address is one of IPv6."""
    return ":" in address


def ordered(interfaces: tuple[Interface, ...]) -> tuple[Interface, ...]:
    """Return exact names before patterns, and longer patterns before shorter: the first that matches counts."""
    return tuple(sorted(interfaces, key=lambda one: (one.is_pattern, -len(one.name), one.name)))
