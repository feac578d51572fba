"""The network transform."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from imagekit.diagnostics import Problem
from imagekit.system.network import configure
from imagekit.system.network.model import EVERY, Interface
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest

_LONGEST_NAME = 15


def _device_name(name: str) -> str:
    if re.fullmatch(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}", name):
        raise ValueError("a device is not found by its address, for no clone has the same; give its name, or a pattern")
    if not re.fullmatch(r"[A-Za-z0-9*?][A-Za-z0-9._*?-]*", name) or len(name) > _LONGEST_NAME:
        raise ValueError("a device has a name of at most 15 characters such as eth1, or a pattern such as en*")
    return name


def _parsed(read: Callable[[str], object], what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            return str(read(text))
        except ValueError:
            raise ValueError(f"must be {what}") from None

    return parse


DeviceName = Annotated[str, AfterValidator(_device_name)]
Address = Annotated[str, AfterValidator(_parsed(ipaddress.ip_address, "an address, such as 10.0.0.1"))]
"""An address of IPv4 or IPv6."""


def _with_prefix(text: str) -> str:
    if "/" not in text:
        raise ValueError("must have the length of its prefix, such as 10.0.0.5/24")
    return _parsed(ipaddress.ip_interface, "an address with the length of its prefix, such as 10.0.0.5/24")(text)


WithPrefix = Annotated[str, AfterValidator(_with_prefix)]
Domain = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")]


class Device(BaseModel):
    """One device, or all whose names match a pattern."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: DeviceName
    """A device name, or a pattern of such where the guest's stack knows them: ``eth1``, ``en*``."""
    dhcp: bool | None = None
    """Take addresses by DHCP; true unless addresses are given."""
    addresses: tuple[WithPrefix, ...] = ()
    """Fixed addresses with the length of their prefix, ``10.0.0.5/24``."""
    gateways: tuple[Address, ...] = ()
    """Where other networks are reached; at most one of IPv4 and one of IPv6."""
    dns: tuple[Address, ...] = ()
    """Name servers."""
    search: tuple[Domain, ...] = ()
    """Domains that short names are looked up in."""
    mtu: Annotated[int, Field(ge=68, le=65535)] | None = None
    """Largest packet in bytes."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        families = [":" in gateway for gateway in self.gateways]
        if len(set(families)) < len(families):
            raise ValueError("gateways: one of IPv4 and one of IPv6 at most")
        for gateway in self.gateways:
            if not any((":" in address) == (":" in gateway) for address in self.addresses):
                raise ValueError("gateways: a gateway needs an address of its kind; DHCP brings its own")
        if self.addresses and any(char in self.name for char in "*?"):
            raise ValueError("addresses: several devices cannot have the same ones; give one name")
        return self

    def interface(self) -> Interface:
        """Return what the guest's stack is told."""
        return Interface(
            name=self.name,
            dhcp=not self.addresses if self.dhcp is None else self.dhcp,
            addresses=self.addresses,
            gateways=self.gateways,
            dns=self.dns,
            search=self.search,
            mtu=self.mtu or 0,
        )


class Network(Transform):
    """Configure the network: DHCP on every Ethernet device, or what is said of each, never found by its address.

    It is written for what configures the guest's network: netplan, NetworkManager, networkd, ifupdown, ifcfg files or
    wicked. Ids of DHCP go by the device and not by the machine-id where the stack can be told so.
    """

    example: ClassVar[str] = (
        "network: {interfaces: [{name: eth1, addresses: [10.0.0.5/24], gateways: [10.0.0.1], dns: [10.0.0.1]}]}"
    )

    kind: Literal["network"] = "network"
    dhcp: bool = True
    """DHCP on every Ethernet device that ``interfaces`` does not name."""
    interfaces: tuple[Device, ...] = ()
    """Devices that are configured otherwise; an exact name comes before a pattern, whatever their order."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        names = [device.name for device in self.interfaces]
        if len(set(names)) < len(names):
            raise ValueError("interfaces: a device is named twice")
        if not (self.dhcp or self.interfaces):
            raise ValueError("say what to configure: dhcp, interfaces or both")
        return self

    def check(self, facts: Facts) -> Iterator[Problem]:
        """Yield what wicked cannot be told: it has one list of name servers for all devices."""
        for index, device in enumerate(self.interfaces if facts.network_stack == "wicked" else ()):
            for field in ("dns", "search"):
                if getattr(device, field):
                    yield Problem(
                        f"interfaces[{index}].{field}",
                        "this image's network configuration has no name servers of a device",
                        why="they stand in /etc/sysconfig/network/config for all devices",
                        fix="leave it out, and set NETCONFIG_DNS_STATIC_SERVERS there",
                        code="IK-NET-004",
                    )

    def apply(self, guest: Guest) -> None:
        """Write the configuration for the guest's own stack."""
        configure.configure(guest, self._interfaces())

    def remarks(self, guest: Guest) -> Iterator[str]:
        """Tell who else configures the network, and what could not be said of every device."""
        return configure.remarks(guest, self._interfaces())

    def _interfaces(self) -> tuple[Interface, ...]:
        named: tuple[Any, ...] = tuple(device.interface() for device in self.interfaces)
        every = self.dhcp and all(device.name != EVERY for device in self.interfaces)
        return (*named, *((Interface(EVERY, dhcp=True),) if every else ()))
