"""The SSH servers of a guest: what their configuration names, and where host keys are."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest

CONFIGS = ("/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config")
"""The administrator's, and the one that openSUSE ships and reads if there is no other."""
DEFAULT_KEYS = tuple(f"/etc/ssh/ssh_host_{algorithm}_key" for algorithm in ("rsa", "ecdsa", "ed25519"))
"""What sshd looks for if no HostKey is given, and what ``ssh-keygen -A`` makes: sshd_config(5), ssh-keygen(1)."""
_HOST_KEYS = "/etc/ssh/ssh_host_*"
_DROPBEAR_KEYS = "/etc/{dropbear,dropbear/initramfs,dropbear-initramfs}/dropbear_*_host_key"
_DEEPEST_INCLUDE = 16


def directives(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (keyword in lower case, arguments) of a sshd_config(5) text; ``Keyword=value`` is a form of it."""
    for line in text.splitlines():
        try:
            words = shlex.split(line, comments=True)
        except ValueError:  # an open quote: sshd itself would stop here
            words = line.split()
        if not words:
            continue
        keyword, equals, value = words[0].partition("=")
        rest = [value, *words[1:]] if equals and value else words[1:]
        arguments = rest[1:] if rest[:1] == ["="] else rest
        yield keyword.lower(), tuple(arguments)


def configuration(guest: Guest) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return every directive of the guest's sshd, those of included files in their place."""
    main = next((path for path in CONFIGS if guest.is_file(path, followsymlinks=True)), None)
    return tuple(_read(guest, main, 0)) if main else ()


def _read(guest: Guest, path: str, depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    for keyword, arguments in directives(read_text(guest, path)):
        if keyword != "include":
            yield keyword, arguments
        elif depth < _DEEPEST_INCLUDE:
            for pattern in arguments:
                for included in guest.glob_expand(paths.join("/etc/ssh", pattern) if pattern[:1] != "/" else pattern):
                    yield from _read(guest, included, depth + 1)


def configured_keys(guest: Guest) -> tuple[str, ...]:
    """Return the private host keys that the configuration names; () if it leaves them to sshd's defaults."""
    return _named(guest, "hostkey")


def _named(guest: Guest, keyword: str) -> tuple[str, ...]:
    found = (arguments[0] for name, arguments in configuration(guest) if name == keyword and arguments)
    return tuple(dict.fromkeys(paths.normal(path) for path in found if path.startswith("/")))


def key_files(guest: Guest) -> tuple[str, ...]:
    """Return every file that is a host key, a public half or a certificate of one; empty ones included."""
    keys = configured_keys(guest)
    beside = [f"{key}{suffix}" for key in keys for suffix in ("", ".pub", "-cert.pub")]
    candidates = {
        *guest.glob_expand(_HOST_KEYS),
        *guest.glob_expand(_DROPBEAR_KEYS),
        *beside,
        *_named(guest, "hostcertificate"),
    }
    return tuple(sorted(path for path in candidates if guest.is_file(path) or guest.is_symlink(path)))


def remove_keys(guest: Guest) -> None:
    """Overwrite every host key in place and remove it; of a link, the key that it leads to as well."""
    for path in key_files(guest):
        if guest.is_symlink(path):
            if guest.is_file(path, followsymlinks=True):
                guest.erase(guest.realpath(path))
            guest.rm_f(path)
        else:
            guest.erase(path)
