"""Look at a guest offline, through the identity catalogue: where each identity is, and marks to compare it by."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagekit.engine.identities import machine_ids
from imagekit.guest.patterns import path_matches
from imagekit.identity.catalogue import load_catalogue
from imagekit.identity.glimpse import glimpse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.engine.booting.hardware import Hardware
    from imagekit.guest.protocol import Guest
    from imagekit.identity.item import Item

_MOST_READ = 1 << 20
_MOST_PATHS = 64
_DIGITS = 12
_PASSING = (
    "/var/lib/dhcp/*",
    "/var/lib/dhcp3/*",
    "/var/lib/dhclient/*",
    "/var/lib/dhcpcd/*.lease",
    "/var/lib/dhcpcd/*.lease6",
    "/var/lib/dhcpcd/rdm_monotonic",
    "/var/lib/NetworkManager/*.lease",
    "/var/lib/NetworkManager/NetworkManager.state",
    "/var/lib/NetworkManager/no-auto-default.state",
    "/var/lib/NetworkManager/seen-bssids",
    "/var/lib/NetworkManager/timestamps",
)
"""What the network of a trial gives to each clone alike, and what changes as a machine runs: it tells no two apart."""


@dataclass(frozen=True, slots=True)
class Trace:
    """An identity at one path.

    Attributes:
        mark: what its content is recognised by: a hash under the key of one trial, so that it means nothing outside
            of it and nobody finds the content by trying; "" for what has no content, such as a folder.
        hardware: whether it holds the UUID, MAC or serial number of the machine that it was seen in.
    """

    mark: str
    hardware: bool = False


Traces = dict[str, Trace]
"""Guest path -> what is there."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A guest at one moment.

    Attributes:
        traces: id of an identity -> where it is; {} where it is blank.
        recognised: id -> what the catalogue itself recognises it by, for those items that have such a thing.
        machine_ids: what must not be told.
    """

    traces: Mapping[str, Traces]
    recognised: Mapping[str, str] = field(default_factory=dict)
    machine_ids: frozenset[str] = field(default=frozenset(), repr=False)

    def mark(self, name: str) -> str:
        """Return what an identity as a whole is recognised by; "" if it is blank."""
        traces = self.traces.get(name, {})
        if not traces:
            return ""
        whole = "\n".join(f"{path} {trace.mark}" for path, trace in sorted(traces.items()))
        return self.recognised.get(name) or hashlib.sha256(whole.encode()).hexdigest()[:_DIGITS]


def see(guest: Guest, key: bytes, hardware: Hardware | None = None) -> Sight:
    """Return where each identity of the catalogue is in a mounted guest.

    Args:
        guest: it is only looked at.
        key: of the trial, random.
        hardware: of the machine that the guest ran on.

    Raises:
        GuestError: it cannot be read.
    """
    items = load_catalogue()
    seen = glimpse(guest, items)
    found = {item.id: _lasting(item.detect(seen)) for item in items}
    return Sight(
        traces={name: _traces(guest, paths, key, hardware) for name, paths in found.items()},
        recognised={item.id: told for item in items if found[item.id] and (told := item.recognise(guest))},
        machine_ids=machine_ids(guest),
    )


def needs(guest: Guest, item: Item) -> bool:
    """Tell whether a guest cannot do without an identity: the machine-id of systemd, the host keys of an SSH server."""
    if item.id == "machine-id":
        return guest.facts.init == "systemd"
    if item.id == "ssh-host-keys":
        return bool(guest.glob_expand("/{usr/,usr/local/,}{sbin,bin}/{sshd,dropbear,tinysshd}"))
    return False


def _lasting(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(path for path in paths if not any(path_matches(pattern, path) for pattern in _PASSING))


def _traces(guest: Guest, paths: tuple[str, ...], key: bytes, hardware: Hardware | None) -> Traces:
    return {path: _trace(guest, path, key, hardware) for path in paths[:_MOST_PATHS]}


def _trace(guest: Guest, path: str, key: bytes, hardware: Hardware | None) -> Trace:
    """Return what is at a path: the target of a link counts, then the content behind it."""
    content = b"" if not guest.is_symlink(path) else guest.readlink(path).encode()
    if guest.is_file(path, followsymlinks=True):
        content += guest.pread(path, _MOST_READ, 0)
    if not content:
        return Trace("")
    mark = hmac.digest(key, content, hashlib.sha256).hex()[:_DIGITS]
    return Trace(mark, hardware is not None and hardware.is_in(content))
