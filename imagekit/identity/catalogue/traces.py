"""What a guest wrote down of its life so far: logs, histories, caches, spools."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.identity.holds import says, something
from imagekit.identity.makers import NOT_NEEDED
from imagekit.identity.ways import Edited, Emptied, Removed, grouped, row
from imagekit.system.removal import LARGE

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest
    from imagekit.identity.item import Item
    from imagekit.identity.ways import Row, Way

_LOGS = ("/var/log/{,*/,*/*/,*/*/*/}*",)
_OF_OTHERS = ("/var/log/journal/", "/var/log/installer/", "/var/log/anaconda/", "/var/log/account/", "/var/log/dump/")
_RECORDS = ("wtmp", "btmp", "lastlog", "faillog", "tallylog")
_ROTATED = re.compile(r"\.(?:gz|xz|bz2|zst|old|\d+)$|-\d{8}(?:\.\w+)?$")


def is_rotated(guest: Guest, path: str) -> bool:
    """Tell whether a log was put aside, so that nobody writes to it any more."""
    return _is_log(guest, path) and bool(_ROTATED.search(path))


def is_live(guest: Guest, path: str) -> bool:
    """Tell whether a log may still be written to: it stays, since who writes it may not make it anew."""
    return _is_log(guest, path) and not _ROTATED.search(path)


def _is_log(guest: Guest, path: str) -> bool:
    others = path.startswith(_OF_OTHERS) or paths.name(path) in {*_RECORDS, "README"}
    return not others and guest.is_file(path)


_JOB = says(r"^(?!.*\brun-parts /etc/periodic/\w+[ \t]*$).*\S")


def is_of_person(guest: Guest, path: str) -> bool:
    """Tell whether a crontab has a job that somebody put there: Alpine's own runs /etc/periodic, and no more."""
    return guest.is_file(path) and _JOB(guest, path)


_SOCKETS = frozenset({".X11-unix", ".ICE-unix", ".XIM-unix", ".font-unix", ".Test-unix"})
"""Folders for sockets that tmpfiles.d(5) makes at each boot."""


def is_left_over(guest: Guest, path: str) -> bool:
    """Tell whether something in a temporary folder is no part of its file system, and no folder made at each boot."""
    name = paths.name(path)
    return name != "lost+found" and (name not in _SOCKETS or something(guest, path))


def _trace(name: str, title: str, *ways: Way, default: bool = True, why: str = "", confidential: bool = False) -> Item:
    more: Row = {
        "severity": "note",
        "brands": False,
        "default": default,
        "why": why,
        "confidential": confidential,
    }
    return row(name, title, *ways, maker=NOT_NEEDED, **more)


ITEMS = grouped(
    "traces",
    _trace("journal", "journal of systemd", Removed(("/var/log/journal/*",)), confidential=True),
    _trace("logs", "logs", Removed(_LOGS, only=is_rotated), Emptied(_LOGS, only=is_live), confidential=True),
    _trace(
        "login-records",
        "records of logins",
        Emptied((f"/var/log/{{{','.join(_RECORDS)}}}",)),
        Removed((f"/var/log/{{{','.join(_RECORDS)}}}{{.*,-*}}",)),
    ),
    _trace("accounting", "records of processes", Emptied(("/var/account/pacct*", "/var/log/account/pacct*"))),
    _trace(
        "crash",
        "crash dumps",
        Removed(("/var/crash/*", "/var/log/dump/*", "/var/spool/abrt/*", "/var/lib/systemd/coredump/*")),
        confidential=True,
    ),
    row(
        "installer",
        "what the installer left: its logs and answers, with password hashes",
        Removed(
            (
                "/var/log/{installer,anaconda}/*",
                "/root/{anaconda-ks.cfg,original-ks.cfg,initial-setup-ks.cfg,install.log,install.log.syslog,anaconda-post.log}",
            )
        ),
        maker=NOT_NEEDED,
        severity="warning",
        brands=False,
    ),
    row(
        "histories",
        "histories of shells and other programs",
        Removed(
            (
                "~/.{bash,zsh,sh,ash,ksh,mysql,psql,sqlite,python,node_repl,rediscli,irb,php}_history",
                "~/{.histfile,.viminfo,.lesshst,.wget-hsts,.dbshell,.gdb_history,.rnd}",
                "~/.local/share/fish/fish_history",
                "~/.local/share/recently-used.xbel",
                "~/.local/state/lesshst",
            ),
            only=something,
        ),
        maker=NOT_NEEDED,
        severity="warning",
        brands=False,
    ),
    _trace(
        "user-caches",
        "caches of people's programs",
        Removed(("~/.cache/*", "~/.thumbnails/*", "~/.local/share/Trash/*"), largest=LARGE),
        default=False,
        why="they may be large and wanted",
    ),
    _trace(
        "package-cache",
        "packages that were downloaded",
        Removed(
            (
                "/var/cache/apt/{archives/*.deb,archives/partial/*,pkgcache.bin,srcpkgcache.bin}",
                "/var/cache/{dnf,yum,zypp,libdnf5,PackageKit}/*",
                "/var/cache/pacman/pkg/*",
                "/var/cache/apk/*",
            ),
            only=something,
            largest=LARGE,
        ),
    ),
    _trace(
        "package-lists",
        "lists of packages that apt downloaded",
        Removed(("/var/lib/apt/lists/*_*",), largest=LARGE),
        default=False,
        why="without them a package cannot be installed before apt update",
    ),
    _trace("locate", "index of all file names", Removed(("/var/lib/{mlocate/mlocate.db,plocate/plocate.db}",))),
    _trace(
        "crontabs",
        "crontabs of people",
        Removed(("/var/spool/cron/{crontabs/*,tabs/*,[!.]*}",), only=is_of_person),
        default=False,
        why="they are configuration",
    ),
    _trace(
        "at-jobs",
        "jobs of at(1)",
        Removed(
            ("/var/spool/cron/{atjobs,atspool}/*", "/var/spool/at/*", "/var/spool/{atjobs,atspool}/*"),
            only=lambda guest, path: guest.is_file(path),
        ),
        Edited(
            ("/var/spool/cron/atjobs/.SEQ", "/var/spool/{atjobs,at}/.SEQ"),
            lambda text: text if not text.strip("0\n") else "00000\n",
        ),
    ),
    _trace("anacron", "when anacron's jobs last ran", Removed(("/var/spool/anacron/*",), only=something)),
    _trace("tmp", "temporary files", Removed(("/{tmp,var/tmp}/{*,.[!.]*}",), only=is_left_over, largest=LARGE)),
    _trace(
        "logrotate",
        "when logs were last rotated",
        Removed(("/var/lib/logrotate/*status", "/var/lib/logrotate.status"), only=something),
    ),
    _trace("mail", "mail of people", Removed(("/var/{mail,spool/mail}/*",), only=something), confidential=True),
)
