"""Repositories as dnf, yum and zypper read them: .repo files, one section each (dnf.conf(5), zypper(8))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system.packages.repository import put, put_key

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.repository import Repository

ALONE = "/var/cache/imagekit-repos.d"
"""A folder of .repo files that stands in for the guest's own while packages come from a folder of the host."""
KEYS = "/etc/pki/rpm-gpg"


def text_of(repository: Repository, key: str) -> str:
    """Return the text of a .repo file; ``key`` is the guest path of its key, or ""."""
    check = "0" if repository.trusted else "1"
    url = repository.url if "://" in repository.url else f"file://{repository.url}"
    lines = [f"[{repository.name}]", f"name={repository.name}", f"baseurl={url}", "enabled=1", f"gpgcheck={check}"]
    return "".join(f"{line}\n" for line in [*lines, *([f"gpgkey=file://{key}"] if key else [])])


def declare(guest: Guest, repository: Repository, folder: str, extra: str = "") -> str:
    """Write a repository's .repo file to a folder and its key beside the distribution's; return the key's path or "".

    Args:
        guest: where it is written.
        repository: what is declared.
        folder: where this package manager reads .repo files.
        extra: lines that only this package manager knows.
    """
    key = put_key(guest, f"{KEYS}/RPM-GPG-KEY-{repository.name}", repository)
    put(guest, f"{folder}/{repository.name}.repo", text_of(repository, key) + extra)
    return key


def write_alone(guest: Guest, folder: str, extra: str = "") -> None:
    """Write a .repo file of an indexed guest folder to ``ALONE``, whose packages need no signature."""
    text = f"[imagekit]\nname=imagekit\nbaseurl=file://{folder}\nenabled=1\ngpgcheck=0\nrepo_gpgcheck=0\n"
    put(guest, f"{ALONE}/imagekit.repo", text + extra)
