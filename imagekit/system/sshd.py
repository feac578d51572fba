"""OpenSSH's server in a guest: what its configuration names, and where host keys are. sshd(8), sshd_config(5)."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imagekit.guest.protocol import Guest

Directive = tuple[str, tuple[str, ...]]
"""A keyword in lower case, and its arguments."""

CONFIGS = ("/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config")
"""The administrator's, and the one that openSUSE ships and reads if there is no other."""
DEFAULT_KEYS = tuple(f"/etc/ssh/ssh_host_{algorithm}_key" for algorithm in ("rsa", "ecdsa", "ed25519"))
"""What sshd looks for if no HostKey is given, and what ``ssh-keygen -A`` makes: sshd_config(5), ssh-keygen(1)."""
STANDARD_KEYS = (*DEFAULT_KEYS, "/etc/ssh/ssh_host_key", "/etc/ssh/ssh_host_dsa_key", "/etc/ssh/ssh_host_xmss_key")
"""Those, and what old releases had beside them: where no such key is made any more, none is missed."""
_HOST_KEYS = "/etc/ssh/ssh_host_*"
_CONFIG = "SSHD_CONFIG"
_STARTERS = (
    "/{{etc,usr/lib,lib}/systemd/system/{ssh,sshd}*{.service,.service.d/*.conf},"
    "etc/{default,sysconfig,conf.d}/{ssh,sshd}}"
)
"""Units that start sshd, their drop-ins, and the variables that these and init scripts read."""
_ASSIGNMENT = re.compile(r"^[ \t]*(?:export[ \t]+)?(?P<name>\w+)=(?P<value>.*)$", re.MULTILINE)
_START = re.compile(r"^ExecStart\w*[ \t]*=[ \t]*[-@:+!|]*\S*/sshd[ \t](?P<value>.*)$", re.MULTILINE)


def words(line: str) -> tuple[str, ...]:
    """Return the words of a line as sshd splits it: quotes of both kinds, and ``#`` at a word's start ends it."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        found = list(lexer)
    except ValueError:  # an open quote: sshd itself would stop here
        found = line.split()
    comment = next((place for place, word in enumerate(found) if word.startswith("#")), None)
    return tuple(found[:comment])


def directives(text: str) -> Iterator[Directive]:
    """Yield every directive of a sshd_config(5) text; ``Keyword=value`` is a form of it."""
    for line in text.splitlines():
        found = words(line)
        if not found:
            continue
        keyword, equals, value = found[0].partition("=")
        rest = (value, *found[1:]) if equals and value else found[1:]
        if rest[:1] and rest[0].startswith("=") and not equals:
            rest = tuple(filter(None, (rest[0][1:], *rest[1:])))
        yield keyword.lower(), rest


@dataclass(frozen=True, slots=True)
class Named:
    """What configuration and command line of a guest's sshd name.

    Attributes:
        keys: private host keys; () if sshd is left to its defaults.
        certificates: certificates of host keys.
    """

    keys: tuple[str, ...]
    certificates: tuple[str, ...]


def named(guest: Guest) -> Named:
    """Return what the server is told of its keys.

    A key of an agent is named by its public half, and known here by the private one. Relative paths are below /.
    """
    options = _options(guest)
    usual = next((path for path in CONFIGS if guest.is_file(path, followsymlinks=True)), None)
    configs = dict.fromkeys([*([usual] if usual else []), *options["f"]])
    read: set[str] = set()
    given = [directive for config in configs for directive in _read(guest, config, read)]
    given += [directive for option in options["o"] for directive in directives(option)]
    keys = [arguments[0] for keyword, arguments in given if keyword == "hostkey" and arguments]
    certificates = [arguments[0] for keyword, arguments in given if keyword == "hostcertificate" and arguments]
    return Named(
        _paths(path.removesuffix(".pub") for path in (*keys, *options["h"])),
        _paths((*certificates, *options["c"])),
    )


def _paths(given: Iterable[str]) -> tuple[str, ...]:
    found = (path for path in given if path.lower() != "none" and "\0" not in path)
    return tuple(dict.fromkeys(paths.join("/", path) for path in found))


def _read(guest: Guest, path: str, read: set[str]) -> Iterator[Directive]:
    """Yield every directive that holds for the whole server, those of included files in their place.

    What stands in a Match block is left out: no host key may be given there. A block ends with its file. No file is
    read twice, so one that includes itself ends too.
    """
    read.add(path)
    for keyword, arguments in directives(read_text(guest, path)):
        if keyword == "match":
            return
        if keyword != "include":
            yield keyword, arguments
            continue
        for pattern in arguments:
            for included in guest.glob_expand(paths.join("/etc/ssh", pattern) if pattern[:1] != "/" else pattern):
                if included not in read:
                    yield from _read(guest, included, read)


def _options(guest: Guest) -> dict[str, list[str]]:
    """Return what the guest starts sshd with: letter of an option -> its arguments."""
    found: dict[str, list[str]] = {letter: [] for letter in "cfho"}
    starters = guest.glob_expand(_STARTERS)
    for path in (path for path in starters if not (path.startswith("/lib/") and f"/usr{path}" in starters)):
        text = read_text(guest, path)
        if "/systemd/" in path:
            values = [words(match["value"]) for match in _START.finditer(text)]
        else:
            values = [words(" ".join(words(match["value"]))) for match in _ASSIGNMENT.finditer(text)]
            values += [
                ("-f", *words(match["value"])) for match in _ASSIGNMENT.finditer(text) if match["name"] == _CONFIG
            ]
        for value in values:
            for letter, arguments in found.items():
                arguments += [each for each in _arguments(value, letter) if letter == "o" or each.startswith("/")]
    return found


def _arguments(given: Sequence[str], letter: str) -> Iterator[str]:
    for word, following in zip(given, (*given[1:], ""), strict=False):
        if word.startswith(f"-{letter}") and (argument := word[2:] or following):
            yield argument


def configured_keys(guest: Guest) -> tuple[str, ...]:
    """Return the private host keys that configuration and command line name; () if sshd is left to its defaults."""
    return named(guest).keys


def key_files(guest: Guest) -> tuple[str, ...]:
    """Return every file that is a host key, a public half or a certificate of one; empty ones included."""
    told = named(guest)
    beside = (f"{key}{suffix}" for key in told.keys for suffix in ("", ".pub", "-cert.pub"))
    candidates = {*guest.glob_expand(_HOST_KEYS), *beside, *told.certificates}
    return tuple(sorted(path for path in candidates if guest.is_file(path) or guest.is_symlink(path)))
