"""Having modules put into the initramfs from now on, in the generator's own configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import edit, paths
from imagekit.guest.kernels import installed_kernels
from imagekit.system.initramfs import kmod
from imagekit.system.initramfs.generator import generator_of
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imagekit.guest.protocol import Guest
    from imagekit.system.initramfs.generator import Name

TOOLS_LIST = "/etc/initramfs-tools/modules"
DRACUT_FILE = "/etc/dracut.conf.d/90-imagekit.conf"
MKINITCPIO = "/etc/mkinitcpio.conf"
MKINITCPIO_FILE = "/etc/mkinitcpio.conf.d/90-imagekit.conf"
MKINITFS = "/etc/mkinitfs/mkinitfs.conf"
MKINITFS_FILE = "/etc/mkinitfs/features.d/imagekit.modules"
_FEATURE = "imagekit"
_ARRAY = re.compile(r"^(?P<head>[ \t]*MODULES\+?=\()(?P<names>[^)#]*)\)", re.MULTILINE)


def add_modules(guest: Guest, names: Iterable[str], *, field: str = "") -> bool:
    """Have the generator put these modules into every initramfs that it makes; tell whether that is new.

    What it would put in anyway is not known here, so ask ``held.drivers_missing`` first. The images themselves stay
    as they are until ``rebuild``.

    Raises:
        Problem: nothing that is supported makes an initramfs here.
    """
    wanted = tuple(dict.fromkeys(names))
    if not wanted:
        return False
    return _ADDERS[generator_of(guest, field).name](guest, wanted)


def _put(guest: Guest, path: str, text: str) -> bool:
    """Write a text if it is new; tell whether it was."""
    if read_text(guest, path) == text:
        return False
    guest.mkdir_p(paths.parent(path))
    write_text(guest, path, text)
    return True


def _initramfs_tools(guest: Guest, wanted: tuple[str, ...]) -> bool:
    """initramfs.conf(5): one module a line, parameters may follow; there is no folder for local additions."""
    text = read_text(guest, TOOLS_LIST)
    listed = [words[0] for line in text.splitlines() if (words := line.partition("#")[0].split())]
    missing = kmod.missing(wanted, listed)
    return bool(missing) and _put(guest, TOOLS_LIST, edit.with_final_newline(text) + "".join(f"{m}\n" for m in missing))


def _dracut(guest: Guest, wanted: tuple[str, ...]) -> bool:
    """dracut.conf(5): the value is added to as a string, so spaces stand at both of its ends.

    Names have ``_``, as dracut compares them.
    """
    text = read_text(guest, DRACUT_FILE)
    listed = " ".join(re.findall(r'^\s*add_drivers\+="([^"]*)"', text, re.MULTILINE)).split()
    missing = tuple(map(kmod.normal, kmod.missing(wanted, listed)))
    return bool(missing) and _put(guest, DRACUT_FILE, f'add_drivers+=" {" ".join([*listed, *missing])} "\n')


def _mkinitcpio(guest: Guest, wanted: tuple[str, ...]) -> bool:
    """mkinitcpio.conf(5): an array of bash; the folder of drop-ins is read since version 38, which brings it."""
    main, own = read_text(guest, MKINITCPIO), read_text(guest, MKINITCPIO_FILE)
    listed = [name for match in _ARRAY.finditer(main + own) for name in match["names"].replace('"', " ").split()]
    missing = kmod.missing(wanted, listed)
    if not missing:
        return False
    if guest.is_dir(paths.parent(MKINITCPIO_FILE), followsymlinks=True):
        return _put(guest, MKINITCPIO_FILE, edit.with_final_newline(own) + f"MODULES+=({' '.join(missing)})\n")
    return _put(guest, MKINITCPIO, edit.with_final_newline(main) + f"MODULES+=({' '.join(missing)})\n")


def _mkinitfs(guest: Guest, wanted: tuple[str, ...]) -> bool:
    """mkinitfs(1): a feature is a file of patterns below the modules of a kernel, and a word in its configuration."""
    known = dict[str, str]()
    for kernel in installed_kernels(guest):
        known = kmod.files_of(guest, kernel) | known
    found = [known[kmod.normal(name)] for name in wanted if kmod.normal(name) in known]
    patterns = [re.sub(r"\.ko(\.\w+)?$", ".ko*", path) for path in found]
    text = read_text(guest, MKINITFS_FILE)
    lines = [*text.splitlines(), *(pattern for pattern in patterns if pattern not in text.splitlines())]
    if not lines:
        return False
    new = _put(guest, MKINITFS_FILE, "".join(f"{line}\n" for line in lines))
    return _feature_on(guest) or new


def _feature_on(guest: Guest) -> bool:
    text = read_text(guest, MKINITFS)
    features = (edit.value_of(text, "features") or "").split()
    if _FEATURE in features:
        return False
    return _put(guest, MKINITFS, edit.set_value(text, "features", " ".join([*features, _FEATURE])))


_ADDERS: dict[Name, Callable[[Guest, tuple[str, ...]], bool]] = {
    "initramfs-tools": _initramfs_tools,
    "dracut": _dracut,
    "mkinitcpio": _mkinitcpio,
    "mkinitfs": _mkinitfs,
}
