"""Package managers as programs of the guest: how they are run, and which of their failures a second try may mend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.system import shell

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from imagekit.guest.protocol import CommandResult, Guest

WORKSHOP = "/var/cache/imagekit-packages"
"""Where lists, indexes and archives are while a package manager runs; the guest's own caches stay as they are."""

SCRATCH = "/run/imagekit-packages"
"""The same for a query: /run is a file system of the program's own for as long as it runs."""

_READ_ONLY = "for d in / /usr /var; do mount -o remount,bind,ro none $d 2>/dev/null; done; "

ENVIRONMENT = {"LC_ALL": "C.UTF-8", "SYSTEMD_OFFLINE": "1"}
"""English messages, and no call to a running systemd (systemctl(1)); every manager is given it."""

_TRANSIENT = re.compile(
    # Names that are not resolved: glibc's words, curl's, those of apk-tools.
    r"temporary failure (in name resolution|resolving)|could ?n[o']t resolve (host|proxy)|dns lookup error|dns: transient"
    # Connections: curl(1) in dnf, zypper and pacman, apt's own words, urlgrabber's in yum, libfetch's in apk.
    r"|could not connect|failed to connect|unable to connect|connection (failed|refused|timed out|reset)"
    r"|curl error \(?(6|7|16|18|28|35|52|55|56|92)\b|operation too slow|timed? ?out\b(?!: *\d)|timeout exceeded"
    r"|temporary error \(try again later\)|network error \(check|network (is )?unreachable|unexpected eof"
    # Servers that say so themselves, or change under the hand.
    r"|(status code:?|returned error:?|http error|http response code said error) *(429|500|502|503|504)\b"
    r"|\b(429|500|502|503|504) +(too many|internal server|bad gateway|service (temporarily )?unavailable|gateway)"
    r"|hash sum mismatch|mirror sync in progress|file has unexpected size",
    re.IGNORECASE | re.MULTILINE,
)


class DownloadFailed(shell.CommandFailed):
    """A package manager could not fetch what it needed, for a reason that may pass: the same run may work later."""

    code = "IK-RUN-002"


def is_transient(output: str) -> bool:
    """Tell from a package manager's words whether its failure is one of the network that may pass.

    A name that cannot be resolved, a connection that fails or stalls, a server that is overloaded, a mirror that
    changes under the hand: yes. A file or package that is not there, a bad signature, a dependency: no.
    """
    return _TRANSIENT.search(output) is not None


def run(
    guest: Guest,
    argv: Sequence[str],
    *,
    title: str,
    env: Mapping[str, str] | None = None,
    network: bool = False,
    good: Container[int] = (0,),
) -> CommandResult:
    """Run a package manager to a good end.

    Raises:
        DownloadFailed: it may work at another time.
        CommandFailed: it ended with another status than the good ones, for any other reason.
    """
    words = {**ENVIRONMENT, **(env or {})}
    try:
        return shell.run(guest, argv, title=title, env=words, hide_env=False, network=network, good=good)
    except shell.CommandFailed as failed:
        if network and is_transient(failed.output):
            raise DownloadFailed(failed.title, failed.status, failed.output) from failed
        raise


def query(
    guest: Guest,
    script: str,
    *words: str,
    title: str,
    env: Mapping[str, str] | None = None,
    good: Container[int] = (0,),
) -> CommandResult:
    """Run a shell script that only looks, on file systems that it cannot write to.

    Even ``rpm -qa`` writes: SQLite notes every reader in the file beside its database (wal.html, "-shm"), and dnf and
    zypper have histories and caches of the same sort. A guest without mount(8) is only looked at with less care.

    Args:
        guest: where it runs, without network.
        script: for /bin/sh; it may write below ``SCRATCH``.
        words: its ``$1``, ``$2`` …
        title: what an error calls it.
        env: added to ``ENVIRONMENT``.
        good: the statuses of a good end.

    Raises:
        CommandFailed: it ended with another one.
    """
    return run(guest, ["/bin/sh", "-c", _READ_ONLY + script, "sh", *words], title=title, env=env, good=good)
