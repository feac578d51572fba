"""Kernel modules of a guest: loaded at boot, denied, and put into the initramfs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.guest import edit, paths
from imagekit.guest.kernels import installed_kernels
from imagekit.system.initramfs import kmod
from imagekit.system.initramfs.adding import add_modules
from imagekit.system.initramfs.held import drivers_missing
from imagekit.system.initramfs.rebuild import rebuild
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagekit.guest.protocol import Guest

LOADED = "/etc/modules-load.d/imagekit.conf"
DENIED = "/etc/modprobe.d/imagekit.conf"
_LOADED_BY = ("/etc/modules", "/{etc,usr/lib,lib}/modules-load.d/*.conf")


def check_available(guest: Guest, names: Sequence[str], field: str) -> None:
    """Look whether some kernel of the guest has each of these modules, as a file or built in.

    Raises:
        Problem: none has, at the position in ``field``.
    """
    kernels = installed_kernels(guest)
    for position, name in enumerate(names):
        if all(kmod.unavailable(guest, kernel, (name,)) for kernel in kernels):
            raise Problem(
                f"{field}[{position}]",
                f"no kernel of this image has the module {name!r}",
                why=f"looked at {', '.join(kernels)}" if kernels else "there is no kernel in it",
                fix="install the kernel or the package that brings it in an earlier step",
                code="IK-MOD-001",
            )


def load_at_boot(guest: Guest, names: Sequence[str]) -> None:
    """Have modules loaded at boot: modules-load.d(5), which OpenRC and Debian's kmod script read too."""
    texts = [read_text(guest, path) for pattern in _LOADED_BY for path in guest.glob_expand(pattern)]
    listed = [line.split()[0] for text in texts for line in text.splitlines() if line.strip() and line[0] not in "#;"]
    missing = kmod.missing(names, listed)
    if missing:
        _write(guest, LOADED, edit.with_final_newline(read_text(guest, LOADED)) + "".join(f"{m}\n" for m in missing))


def deny(guest: Guest, names: Sequence[str]) -> bool:
    """Have modules never loaded, neither for a device nor by name (modprobe.d(5)); tell whether that is new."""
    text = read_text(guest, DENIED)
    for name in names:
        for line in (f"blacklist {name}", f"install {name} /bin/false"):
            text = edit.ensure_line(text, line)
    if text == read_text(guest, DENIED):
        return False
    _write(guest, DENIED, text)
    return True


def put_into_initramfs(
    guest: Guest, names: Sequence[str], field: str, *, anew: bool = False, generic: bool = False
) -> None:
    """Have modules in the initramfs of every kernel that has them, which is looked at before and after.

    Args:
        guest: whose generator runs, for the kernels that lack one.
        names: modules.
        field: where a Problem is told.
        anew: make every initramfs anew even if it lacks none.
        generic: make them for any machine.

    Raises:
        Problem: there is no generator that is supported, or it left one out.
    """
    lacks = lacking(guest, names)
    if lacks:
        add_modules(guest, dict.fromkeys(name for missing in lacks.values() for name in missing), field=field)
    if lacks or anew:
        rebuild(guest, None if anew else lacks, generic=generic, field=field)
    for kernel, missing in (lacking(guest, names) if lacks else {}).items():
        raise Problem(
            field,
            f"the new initramfs of kernel {kernel} still lacks {', '.join(missing)}",
            why="the program that makes it left them out",
            code="IK-MOD-002",
        )


def lacking(guest: Guest, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what the initramfs of each kernel lacks of what the kernel has, for the kernels whose lacks something."""
    found = {}
    for kernel in installed_kernels(guest):
        absent = kmod.unavailable(guest, kernel, names)
        missing = drivers_missing(guest, kernel, [name for name in names if name not in absent])
        if missing:
            found[kernel] = missing
    return found


def _write(guest: Guest, path: str, text: str) -> None:
    guest.mkdir_p(paths.parent(path))
    write_text(guest, path, text)
