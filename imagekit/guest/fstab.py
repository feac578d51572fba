"""fstab(5), read: pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_OCTAL = re.compile(r"\\([0-7]{3})")
_PSEUDO = frozenset(
    [
        "proc",
        "sysfs",
        "tmpfs",
        "devtmpfs",
        "devpts",
        "cgroup",
        "cgroup2",
        "swap",
        "nfs",
        "nfs4",
        "cifs",
        "smbfs",
        "ceph",
        "glusterfs",
        "9p",
        "virtiofs",
        "debugfs",
        "tracefs",
        "securityfs",
        "configfs",
        "fusectl",
        "binfmt_misc",
        "iso9660",
        "udf",
        "none",
        "overlay",
        "autofs",
        "hugetlbfs",
        "mqueue",
    ]
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of fstab: what is mounted, where, as what, and with which options."""

    spec: str
    file: str
    vfstype: str
    options: tuple[str, ...]

    @property
    def on_disk(self) -> bool:
        """Whether it is a file system of one of the guest's own disks that is mounted at boot."""
        return (
            self.file.startswith("/")
            and self.vfstype not in _PSEUDO
            and not self.vfstype.startswith("fuse")
            and not {"bind", "rbind", "noauto"} & set(self.options)
            and (self.spec.startswith("/dev/") or "=" in self.spec)
        )

    def option(self, name: str) -> str | None:
        """Return the value of an option ``name=value``, or None."""
        for option in self.options:
            if option.startswith(f"{name}="):
                return option.removeprefix(f"{name}=")
        return None


def parse(text: str) -> tuple[Entry, ...]:
    """Read fstab's text; lines that are none of its own form are left out, as mount(8) does.

    A comment is a line of its own: a # inside a line is part of a word.
    """
    entries = []
    for line in text.splitlines():
        words = [_OCTAL.sub(lambda m: chr(int(m[1], 8)), word) for word in line.split()]
        if len(words) >= 3 and not line.lstrip().startswith("#"):
            options = tuple(words[3].split(",")) if len(words) > 3 else ()
            entries.append(Entry(words[0].replace('"', ""), words[1], words[2], options))
    return tuple(entries)
