"""What a guest remembers of one machine's network: addresses of its cards, leases, identities towards servers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.guest.patterns import path_matches
from imagekit.identity.holds import private_key, says, something
from imagekit.identity.makers import NOT_NEEDED, Maker
from imagekit.identity.ways import Edited, Emptied, Removed, grouped, row
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

_CARD = r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5,}"
_ADDRESSED = re.compile(rf"^(?![ \t]*[#;]).*(?:ATTR\{{address\}}==|MACAddress=).*{_CARD}", re.MULTILINE)
_DEVICE = re.compile(r"^[ \t]*(?:DEVICE|NAME|TYPE)=", re.MULTILINE)
_IFCFG = re.compile(
    r"^[ \t]*(?:HWADDR|MACADDR|LLADDR|UUID|HOSTNAME|DHCP_HOSTNAME)=(?!['\"]*[ \t]*$).*\n?", re.MULTILINE | re.IGNORECASE
)
_NM_CARD = re.compile(
    rf"^[ \t]*(?:mac-address[ \t]*=[ \t]*\S.*|cloned-mac-address[ \t]*=[ \t]*{_CARD}.*|timestamp[ \t]*=.*)\n?",
    re.MULTILINE,
)
_HWADDRESS = re.compile(rf"^[ \t]*hwaddress[ \t]+(?:ether[ \t]+)?{_CARD}[ \t]*\n?", re.MULTILINE)
_DUID = re.compile(r"^[ \t]*DUIDRawData[ \t]*=[ \t]*\S.*\n?", re.MULTILINE)
_NAME_SERVER = re.compile(r"^[ \t]*nameserver[ \t]+(?!127\.|::1\b)\S", re.MULTILINE)
_NETPLAN_CARD = re.compile(rf"^[ \t]*[\"']?macaddress[\"']?[ \t]*:[ \t]*[\"']?{_CARD}", re.MULTILINE)


def without_card(text: str) -> str:
    """Return an ifcfg file without what ties it to a card, unless nothing else says which device it is for."""
    return _IFCFG.sub("", text) if _DEVICE.search(text) else text


def is_pinned(guest: Guest, path: str) -> bool:
    """Tell whether a file of udev rules or a .link file is about devices that were found on one machine."""
    if not guest.is_file(path):
        return False
    text = read_text(guest, path)
    return bool(_ADDRESSED.search(text)) or (paths.name(path).endswith("-persistent-cd.rules") and "ENV{ID_" in text)


def is_pinned_netplan(guest: Guest, path: str) -> bool:
    """Tell whether a file of netplan matches a card by its address, and is not one that cloud-init rendered."""
    return paths.name(path) != "50-cloud-init.yaml" and bool(_NETPLAN_CARD.search(read_text(guest, path)))


def is_lone_resolver(guest: Guest, path: str) -> bool:
    """Tell whether name servers stand in a file of its own, not in a link to what a service keeps.

    One at 127.0.0.0/8 or ::1 is the guest itself.
    """
    return guest.is_file(path) and bool(_NAME_SERVER.search(read_text(guest, path)))


_SECRETS_WITHIN = (
    ("/etc/wireguard/*.conf", says("PrivateKey|PresharedKey")),
    ("/etc/ipsec.secrets", says(r"^(?!\s*include\b).*\S")),
    ("/etc/ppp/*", says(r"""^[ \t]*(?:"[^"]*"|[^\s"]\S*)[ \t]+(?:"[^"]*"|[^\s"]\S*)[ \t]+"?[^\s"*]""")),
)
"""What of the files that packages ship with comments, or that are configuration too, holds a secret.

pppd(8): the third word of a line is the secret; Debian's file has ``""``, any password of the system, and ``"*"``.
"""


def is_secret_of_link(guest: Guest, path: str) -> bool:
    """Tell whether a file of a VPN or of pppd holds a key or a password."""
    for pattern, holds in _SECRETS_WITHIN:
        if path_matches(pattern, path):
            return holds(guest, path)
    return private_key(guest, path)


ITEMS = grouped(
    "network",
    row(
        "udev-net",
        "names of network cards by their addresses",
        Removed(
            ("/etc/udev/rules.d/*-persistent-*.rules", "/etc/systemd/network/*.link"),
            only=is_pinned,
        ),
        maker=NOT_NEEDED,
        confidential=False,
    ),
    row(
        "ifcfg",
        "addresses of cards and host names in ifcfg files",
        Edited(("/etc/sysconfig/{network-scripts,network}/ifcfg-*",), without_card),
        maker=NOT_NEEDED,
        severity="warning",
        confidential=False,
        why="the rest of each file stays; one that names no device but by its card is left alone",
    ),
    row(
        "nm-cards",
        "addresses of cards in profiles of NetworkManager",
        Edited(("/etc/NetworkManager/system-connections/*",), lambda text: _NM_CARD.sub("", text)),
        maker=NOT_NEEDED,
        severity="warning",
        brands=False,
    ),
    row(
        "nm-profiles",
        "profiles of NetworkManager",
        Removed(("/etc/NetworkManager/system-connections/*",)),
        default=False,
        brands=False,
        severity="note",
        why="they are configuration, and without the only one a guest may have no network",
    ),
    row(
        "nm-state",
        "identity, leases and history of NetworkManager",
        Removed(
            (
                "/var/lib/NetworkManager/{secret_key,seen-bssids,timestamps,NetworkManager.state,no-auto-default.state}",
                "/var/lib/NetworkManager/{*.lease,dhclient*-*.conf}",
            )
        ),
        maker=Maker(always="NetworkManager makes them"),
    ),
    row(
        "dhclient",
        "leases and DUID of dhclient",
        Removed(("/var/lib/dhclient/*", "/var/lib/dhcp/dhclient*", "/var/lib/dhcp3/*"), only=something),
        maker=Maker(always="dhclient makes them"),
    ),
    row(
        "dhcpcd",
        "leases, DUID and secret of dhcpcd",
        Removed(("/var/lib/dhcpcd/{duid,secret,rdm_monotonic,*.lease,*.lease6}",)),
        maker=Maker(always="dhcpcd makes them"),
        why="dhcpcd(8): the DUID is not to be copied to other hosts",
    ),
    row(
        "networkd",
        "DUID that is fixed for systemd-networkd",
        Edited(
            ("/etc/systemd/networkd.conf", "/etc/systemd/networkd.conf.d/*.conf", "/etc/systemd/network/*.network"),
            lambda text: _DUID.sub("", text),
        ),
        maker=Maker(always="systemd-networkd makes one of the machine-id"),
        confidential=False,
    ),
    row(
        "netplan",
        "network configuration of netplan for one card",
        Removed(("/etc/netplan/*.yaml",), only=is_pinned_netplan),
        default=False,
        brands=False,
        confidential=False,
        why="without it a guest may have no network; the kind network writes one that fits every machine",
    ),
    row(
        "ifupdown",
        "addresses of cards in the configuration of ifupdown",
        Edited(
            ("/etc/network/interfaces", "/etc/network/interfaces.d/*"),
            lambda text: _HWADDRESS.sub("", text),
        ),
        maker=NOT_NEEDED,
        confidential=False,
    ),
    row(
        "resolv",
        "name servers of one site",
        Emptied(("/etc/resolv.conf",), only=is_lone_resolver),
        maker=Maker(always="the DHCP client writes them"),
        severity="note",
        default=False,
        brands=False,
        confidential=False,
        why="a guest with a fixed address would have no name servers",
    ),
    row(
        "wifi",
        "passwords of wireless networks",
        Removed(("/var/lib/iwd/*.{psk,8021x}",)),
        maker=NOT_NEEDED,
        brands=False,
    ),
    row(
        "vpn-keys",
        "keys of VPNs and dial-up links",
        Removed(
            (
                "/etc/wireguard/*.{conf,key}",
                "/etc/openvpn/{*.key,*.p12,*/*.key,*/*.p12}",
                "/etc/ipsec.d/private/*",
                "/etc/ipsec.secrets",
                "/etc/ppp/{chap,pap}-secrets",
            ),
            only=is_secret_of_link,
        ),
        default=False,
        brands=False,
        why="nobody makes new ones, and the link that they are for would fail at each boot",
    ),
    row(
        "dhcp-server",
        "leases that a DHCP server gave",
        Emptied(("/var/lib/dhcpd/*", "/var/lib/dhcp/dhcpd*.leases*", "/var/lib/misc/dnsmasq.leases")),
        maker=Maker(always="the server fills them anew"),
        severity="warning",
    ),
    row(
        "ntp",
        "drift of one machine's clock",
        Removed(("/var/lib/ntp/*drift", "/var/lib/ntpsec/*drift", "/var/lib/chrony/*drift")),
        maker=Maker(always="the time service measures it"),
        severity="note",
        brands=False,
    ),
    row(
        "ntp-keys",
        "keys shared with time servers",
        Removed(
            ("/etc/chrony.keys", "/etc/chrony/chrony.keys", "/etc/ntp.keys", "/etc/ntpsec/ntp.keys"),
            only=says(r"\S", comments="#!%;"),
        ),
        severity="note",
        default=False,
        brands=False,
        why="they are configuration, and chronyd does not start without the file that it is told of",
    ),
)
