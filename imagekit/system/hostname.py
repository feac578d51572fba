"""The host name: where each distribution keeps it, and the line of /etc/hosts that makes it resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

HOSTNAME = "/etc/hostname"
OLD_SUSE_HOSTNAME = "/etc/HOSTNAME"
HOSTS = "/etc/hosts"
_OWN_ADDRESS = "127.0.1.1"
"""What Debian gives a machine's own name when it has no fixed address: Debian Reference, 5.1.1."""


def set_hostname(guest: Guest, name: str) -> None:
    """Write the name where the guest reads it, mode and owner kept, and have the 127.0.1.1 line follow it."""
    old = hostname_of(read_text(guest, HOSTNAME))
    write_text(guest, HOSTNAME, f"{name}\n")
    if guest.is_file(OLD_SUSE_HOSTNAME):
        write_text(guest, OLD_SUSE_HOSTNAME, f"{name}\n")
    hosts = read_text(guest, HOSTS)
    if hosts:
        write_text(guest, HOSTS, renamed_hosts(hosts, old, name))


def hostname_of(text: str) -> str:
    """Return the name that a hostname(5) text gives; "" if none. Blank lines and comments do not count."""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def renamed_hosts(text: str, old: str, new: str) -> str:
    """Return a hosts(5) text whose 127.0.1.1 lines name the machine anew; every other line stays as it is.

    The full name comes first, since the first one is the canonical one; aliases that are not the old name stay.
    """
    return "".join(_renamed(line, old, new) for line in text.splitlines(keepends=True))


def _renamed(line: str, old: str, new: str) -> str:
    entry, hash_sign, comment = line.rstrip("\n").partition("#")
    words = entry.split()
    if not words or words[0] != _OWN_ADDRESS:
        return line
    gone = {old, _short(old), new, _short(new)}
    names = [new, _short(new), *(alias for alias in words[1:] if alias not in gone and _short(alias) != _short(old))]
    renamed = f"{_OWN_ADDRESS}\t{' '.join(dict.fromkeys(names))}"
    tail = f" {hash_sign}{comment}" if hash_sign else ""
    return renamed + tail + ("\n" if line.endswith("\n") else "")


def _short(name: str) -> str:
    return name.partition(".")[0]
