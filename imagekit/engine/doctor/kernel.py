"""A kernel that supermin can put into the appliance: readable, and with its modules."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

from imagekit.engine.doctor.check import Check

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.engine.doctor.host import Host

_NAME = "kernel for appliance"
_PACKAGES = {"x86_64": "linux-image-amd64", "aarch64": "linux-image-arm64", "ppc64le": "linux-image-powerpc64le"}


def check_kernel(host: Host) -> Check:
    """Is there a kernel for the appliance? supermin takes the newest that has modules, and must be able to read it.

    Ubuntu installs kernels with mode 0600; supermin then only says "cp: cannot open for reading" and status 1.
    """
    kernels = _kernels(host)
    package = _PACKAGES.get(host.machine, "linux-image-generic")
    if not kernels:
        detail = f"there is none in {host.boot}, as in most containers"
        return Check(name=_NAME, state="fail", detail=detail, fix=f"apt-get install {package}")
    whole = {version: path for version, path in kernels.items() if _has_modules(host.modules / version)}
    if not whole:
        versions = ", ".join(kernels)
        detail = f"{versions}: without modules in {host.modules}"
        return Check(name=_NAME, state="fail", detail=detail, fix=f"apt-get install --reinstall {package}")
    newest = max(whole, key=_order)
    if not os.access(whole[newest], os.R_OK):
        path = shlex.quote(str(whole[newest]))
        return Check(
            name=_NAME,
            state="fail",
            detail=f"{whole[newest]} cannot be read by this user",
            fix=f"chmod 0644 {path}   (to last: dpkg-statoverride --update --add root root 0644 {path})",
        )
    return Check(name=_NAME, state="ok", detail=str(whole[newest]))


def _kernels(host: Host) -> dict[str, Path]:
    """Return version -> image, of /boot and, as Fedora has it, of the modules' own folders."""
    inside = {path.parent.name: path for path in sorted(host.modules.glob("*/vmlinuz"))}
    names = [path for pattern in ("vmlinuz-*", "vmlinux-*") for path in sorted(host.boot.glob(pattern))]
    return {**inside, **{path.name.partition("-")[2]: path for path in names if not path.name.endswith(".old")}}


def _has_modules(folder: Path) -> bool:
    return (folder / "modules.dep").exists() or (folder / "kernel").is_dir()


def _order(version: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts 6.1.0-9 before 6.1.0-56."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[^\d]+", version))
