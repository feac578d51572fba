"""What tells one host from another beside its machine-id: names, numbers, seeds of randomness."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.identity.makers import NOT_NEEDED, Maker
from imagekit.identity.ways import Edited, Removed, grouped, row
from imagekit.system import cloudinit, hostname
from imagekit.system.text import read_text
from imagekit.system.units import Job

if TYPE_CHECKING:
    from collections.abc import Collection

    from imagekit.guest.protocol import Guest

_NAMELESS = ("", "localhost", "localhost.localdomain", "(none)")
_OF_ONE_HOST = re.compile(r"^(?:PRETTY_HOSTNAME|LOCATION|DEPLOYMENT|KERNEL_INSTALL_MACHINE_ID)=.*\n?", re.MULTILINE)
_POPCON_ID = re.compile(r"^MY_HOSTID=['\"]?\w.*\n?", re.MULTILINE)
_POPCON = Job(
    "imagekit-popularity-contest",
    "Make a new id for popularity-contest",
    """\
grep -q '^MY_HOSTID=.' /etc/popularity-contest.conf ||
	echo "MY_HOSTID=\\"$(tr -d - < /proc/sys/kernel/random/uuid)\\"" >> /etc/popularity-contest.conf
""",
)


class HostName:
    """The host name that was given to one machine."""

    patterns = (hostname.HOSTNAME, hostname.OLD_SUSE_HOSTNAME)

    def detect(self, guest: Guest) -> tuple[str, ...]:
        """Return the files that give one."""
        return tuple(path for path in self.patterns if _name(guest, path) not in _NAMELESS)

    def reset(self, guest: Guest, spare: Collection[str]) -> None:
        """Name it localhost, in /etc/hosts too."""
        if any(path not in spare for path in self.detect(guest)):
            hostname.set_hostname(guest, "localhost")


def _name(guest: Guest, path: str) -> str:
    return hostname.hostname_of(read_text(guest, path))


def name_returns(guest: Guest) -> str:
    """Say where a clone has its name from."""
    if cloudinit.is_active(guest):
        return "cloud-init names each new instance"
    return "DHCP may give one; until then it is localhost"


class _NameMaker(Maker):
    """Who names a clone."""

    def returns(self, guest: Guest) -> str:
        """Say where a clone has its name from."""
        return name_returns(guest)


ITEMS = grouped(
    "host",
    row(
        "hostname",
        "host name",
        HostName(),
        maker=_NameMaker(),
        severity="warning",
        default=False,
        why="a template may have a name of its own, and a clone without one is localhost until it is told",
        brands=False,
        confidential=False,
    ),
    row(
        "machine-info",
        "names of the machine in /etc/machine-info",
        Edited(("/etc/machine-info",), lambda text: _OF_ONE_HOST.sub("", text)),
        maker=NOT_NEEDED,
        severity="warning",
    ),
    row(
        "hostid",
        "number of the host for gethostid(3)",
        Removed(("/etc/hostid",)),
        maker=Maker(
            always="gethostid(3) makes one of the clone's address",
            unless="/{usr/sbin,sbin}/{zpool,zgenhostid}",
        ),
        severity="warning",
        why="ZFS refuses to import its pool by another number, so it stays where ZFS is installed",
    ),
    row(
        "random-seed",
        "seed of randomness",
        Removed(
            (
                "/var/lib/systemd/random-seed",
                "/var/lib/urandom/random-seed",
                "/var/lib/misc/random-seed",
                "/var/lib/random-seed",
                "/etc/random-seed",
                "/{boot,boot/efi,efi}/loader/random-seed",
                "/var/lib/seedrng/seed.{credit,no-credit}",
            )
        ),
        maker=Maker(always="what reads it saves a new one at each boot and shutdown"),
        why="systemd-random-seed(8) asks that it be removed from images",
    ),
    row(
        "credential-secret",
        "key of the host for systemd's credentials",
        Removed(("/var/lib/systemd/credential.secret",)),
        maker=Maker(
            always="systemd-creds makes one when it first needs it",
            unless="/{etc,usr/lib}/credstore.encrypted/*",
        ),
        why="what is in credstore.encrypted can be read with this key alone, so it stays where there is something",
    ),
    row(
        "systemd-state",
        "what systemd remembers of the hardware and the clock",
        Removed(("/var/lib/systemd/{backlight,rfkill,pstore}/*", "/var/lib/systemd/timesync/clock")),
        maker=NOT_NEEDED,
        severity="note",
        brands=False,
    ),
    row(
        "package-ids",
        "ids by which package managers count hosts",
        Removed(
            (
                "/var/lib/yum/uuid",
                "/var/lib/zypp/AnonymousUniqueId",
                "/etc/sysconfig/hw-uuid",
                "/etc/smolt/{uuid,hw-uuid}",
            )
        ),
        maker=Maker(always="yum or libzypp makes one"),
        severity="warning",
    ),
    row(
        "popcon",
        "id of the host for popularity-contest",
        Edited(("/etc/popularity-contest.conf",), lambda text: _POPCON_ID.sub("", text)),
        maker=Maker(job=_POPCON, program="/usr/sbin/popularity-contest"),
        severity="warning",
    ),
    row(
        "libuuid",
        "clock sequence of time-based UUIDs",
        Removed(("/var/lib/libuuid/clock.txt",)),
        maker=Maker(always="uuidd makes one"),
        severity="note",
    ),
    row(
        "whoopsie",
        "id by which crashes are reported",
        Removed(("/var/lib/whoopsie/whoopsie-id",)),
        maker=Maker(always="whoopsie makes one"),
        severity="warning",
    ),
)
