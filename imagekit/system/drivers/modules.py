"""Drivers: whether every kernel has those of a platform, and has them early enough to find its root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.guest import edit
from imagekit.guest.kernels import installed_kernels
from imagekit.system import kernelmodules
from imagekit.system.drivers.platforms import PLATFORMS
from imagekit.system.initramfs import kmod
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imagekit.guest.protocol import Guest

_TOOLS_CONFIG = "/etc/initramfs-tools/initramfs.conf"
_TOOLS_DROP_INS = "/etc/initramfs-tools/conf.d/*"


def check_kernels(guest: Guest, platforms: Sequence[str]) -> None:
    """Look whether every kernel has what these platforms need, as files or built in.

    Raises:
        Problem: one cannot find its disk or has no network there, at the platform's place in ``platforms``.
    """
    for kernel in installed_kernels(guest):
        if not _tells_its_modules(guest, kernel):
            continue
        for position, name in enumerate(platforms):
            drivers = PLATFORMS[name].drivers
            for what, groups in (("disk", drivers.disk), ("network", drivers.network)):
                _check_groups(guest, kernel, groups, what, name, f"platforms[{position}]")


def _check_groups(
    guest: Guest, kernel: str, groups: Sequence[Sequence[str]], what: str, platform: str, field: str
) -> None:
    for group in groups:
        if len(kmod.unavailable(guest, kernel, group)) == len(group):
            raise Problem(
                field,
                f"kernel {kernel} has no driver for the {what} of {PLATFORMS[platform].title}",
                why=f"it has neither as a file nor built in: {', '.join(group)}",
                fix="in an earlier step, install the distribution's generic kernel and remove this one",
                code="IK-DRV-007",
            )


def put_into_initramfs(guest: Guest, platforms: Sequence[str]) -> None:
    """Have each kernel's drivers of these platforms' disks in its initramfs, which is read before and after.

    Drivers of the network are not asked for: they are on the root file system, and nothing needs them before.
    What is made anew is made for any machine.

    Raises:
        Problem: there is no generator that is supported, or it left one out.
    """
    names = tuple(dict.fromkeys(name for each in platforms for name in PLATFORMS[each].drivers.initramfs))
    _take_all_drivers(guest, names)
    kernelmodules.put_into_initramfs(guest, names, "platforms", generic=True)


def _take_all_drivers(guest: Guest, names: Sequence[str]) -> None:
    """Have initramfs-tools not look at the machine it runs on, where something has to be made by it.

    initramfs.conf(5): with ``MODULES=dep`` it keeps the drivers of that machine, which is the appliance. Drop-ins
    are read after the main file.
    """
    files = [path for path in (_TOOLS_CONFIG, *guest.glob_expand(_TOOLS_DROP_INS)) if guest.is_file(path)]
    policies = [(path, value) for path in files if (value := edit.value_of(read_text(guest, path), "MODULES"))]
    if policies and policies[-1][1] == "dep" and kernelmodules.lacking(guest, names):
        path = policies[-1][0]
        write_text(guest, path, edit.set_value(read_text(guest, path), "MODULES", "most"))


def _tells_its_modules(guest: Guest, kernel: str) -> bool:
    return bool(kmod.files_of(guest, kernel) or kmod.built_in(guest, kernel))


def remarks(guest: Guest, platforms: Sequence[str]) -> Iterator[str]:
    """Yield what the kernels lack that would be of use, and which could not be looked at."""
    kernels = installed_kernels(guest)
    if not kernels:
        yield "there is no kernel in this image, so no drivers were looked at"
    for kernel in kernels:
        if not _tells_its_modules(guest, kernel):
            yield f"kernel {kernel} has no list of its modules, so its drivers could not be looked at"
            continue
        for name in platforms:
            missing = kmod.unavailable(guest, kernel, PLATFORMS[name].drivers.useful)
            if missing:
                yield f"kernel {kernel} has no {', '.join(missing)}, which {PLATFORMS[name].title} has a use for"
