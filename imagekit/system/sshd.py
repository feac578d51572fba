"""OpenSSH's server in a guest: what its configuration names, and where host keys are. sshd(8), sshd_config(5)."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
_DEEPEST_INCLUDE = 16
_UNITS = "/{etc,usr/lib,lib}/systemd/system/{ssh,sshd}*.service"
_VARIABLES = "/etc/{default,sysconfig,conf.d}/{ssh,sshd}"
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


def configuration(guest: Guest) -> tuple[Directive, ...]:
    """Return every directive that holds for the whole server, those of included files in their place.

    What stands in a Match block is left out: no host key may be given there. A block ends with its file.
    """
    return tuple(directive for config in _configs(guest) for directive in _read(guest, config, 0))


def _configs(guest: Guest) -> tuple[str, ...]:
    """Return the configuration that sshd reads, and those that it is started with beside it."""
    usual = next((path for path in CONFIGS if guest.is_file(path, followsymlinks=True)), None)
    return tuple(dict.fromkeys([*([usual] if usual else []), *_options(guest, "f")]))


def _read(guest: Guest, path: str, depth: int) -> Iterator[Directive]:
    for keyword, arguments in directives(read_text(guest, path)):
        if keyword == "match":
            return
        if keyword != "include":
            yield keyword, arguments
        elif depth < _DEEPEST_INCLUDE:
            for pattern in arguments:
                for included in guest.glob_expand(paths.join("/etc/ssh", pattern) if pattern[:1] != "/" else pattern):
                    yield from _read(guest, included, depth + 1)


def _options(guest: Guest, letter: str) -> tuple[str, ...]:
    """Return the arguments of an option that the guest's units and their variables start sshd with."""
    found: list[str] = []
    for path in guest.glob_expand(_UNITS) + guest.glob_expand(f"{_UNITS}.d/*.conf"):
        for match in _START.finditer(read_text(guest, path)):
            found += _arguments(words(match["value"]), letter)
    for path in guest.glob_expand(_VARIABLES):
        for match in _ASSIGNMENT.finditer(read_text(guest, path)):
            value = " ".join(words(match["value"]))
            found += [value] if letter == "f" and match["name"] == "SSHD_CONFIG" else _arguments(words(value), letter)
    return tuple(dict.fromkeys(each for each in found if letter == "o" or each.startswith("/")))


def _arguments(given: Sequence[str], letter: str) -> Iterator[str]:
    for word, following in zip(given, (*given[1:], ""), strict=False):
        if word.startswith(f"-{letter}") and (argument := word[2:] or following):
            yield argument


def configured_keys(guest: Guest) -> tuple[str, ...]:
    """Return the private host keys that configuration and command line name; () if sshd is left to its defaults."""
    return _named(guest, "hostkey", _options(guest, "h"))


def _named(guest: Guest, keyword: str, more: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the paths that a keyword gives. One of an agent's key names the public half; relative ones are below /."""
    options = (directive for option in _options(guest, "o") for directive in directives(option))
    given = (arguments[0] for name, arguments in (*configuration(guest), *options) if name == keyword and arguments)
    found = (path for path in (*given, *more) if path.lower() != "none" and "\0" not in path)
    private = (path.removesuffix(".pub") if keyword == "hostkey" else path for path in found)
    return tuple(dict.fromkeys(paths.join("/", path) for path in private))


def key_files(guest: Guest) -> tuple[str, ...]:
    """Return every file that is a host key, a public half or a certificate of one; empty ones included."""
    beside = [f"{key}{suffix}" for key in configured_keys(guest) for suffix in ("", ".pub", "-cert.pub")]
    candidates = {*guest.glob_expand(_HOST_KEYS), *beside, *_named(guest, "hostcertificate")}
    return tuple(sorted(path for path in candidates if guest.is_file(path) or guest.is_symlink(path)))
