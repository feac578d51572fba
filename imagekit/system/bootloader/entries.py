"""The boot entries of a guest, whatever loads them: kernel, initrds, arguments; and which of them boots by default."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.guest.versions import version_key
from imagekit.system.bootloader import bls, cmdline, extlinux, grubcfg, grubenv
from imagekit.system.bootloader.loaders import (
    ENTRIES,
    EXTLINUX,
    GRUB_CONFIGS,
    GRUB_ENVIRONMENTS,
    LOADER_CONFIG,
    loaders,
    regular,
)
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest
    from imagekit.system.bootloader.loaders import Loader


@dataclass(frozen=True, slots=True)
class Entry:
    """A boot entry.

    Attributes:
        loader: what reads it.
        path: the guest path of the file it stands in.
        name: its id, label or title.
        kernel: the kernel, as the loader sees it: /boot may be a file system of its own.
        initrds: its initramfs images, likewise.
        arguments: what the kernel gets, variables of GRUB's environment filled in where they are known.
    """

    loader: Loader
    path: str
    name: str
    kernel: str
    initrds: tuple[str, ...]
    arguments: tuple[str, ...]


def entries(guest: Guest) -> tuple[Entry, ...]:
    """Return the entries that load a kernel, in the order of their menus."""
    there = loaders(guest)
    found: list[Entry] = []
    if "bls" in there or "systemd-boot" in there:
        found += sorted(_bls(guest, there[0]), key=lambda entry: version_key(entry.name), reverse=True)
    if "grub" in there:
        for path in regular(guest, GRUB_CONFIGS):
            for one in grubcfg.entries(read_text(guest, path)):
                found.append(Entry("grub", path, one.name, one.kernel, one.initrds, cmdline.words(one.arguments)))
    if "extlinux" in there:
        for path in regular(guest, EXTLINUX):
            for label in extlinux.labels(read_text(guest, path)):
                words = cmdline.words(label.arguments)
                found.append(Entry("extlinux", path, label.name, label.kernel, label.initrds, words))
    return tuple(found)


def _bls(guest: Guest, loader: Loader) -> Iterator[Entry]:
    shared = kernelopts(guest) or ""
    for path in regular(guest, ENTRIES):
        text = read_text(guest, path)
        kernel = bls.values(text, "linux")
        if kernel:
            options = bls.KERNELOPTS.sub(lambda _: shared, bls.options(text))
            name = paths.name(path).removesuffix(".conf")
            yield Entry(loader, path, name, kernel[-1], bls.values(text, "initrd"), cmdline.words(options))


def kernelopts(guest: Guest) -> str | None:
    """Return the arguments that entries share as ``$kernelopts``; None if GRUB has no such variable."""
    environment = [grubenv.variables(read_text(guest, path)) for path in regular(guest, GRUB_ENVIRONMENTS)]
    found = [variables["kernelopts"] for variables in environment if "kernelopts" in variables]
    if found:
        return found[0]
    return next(filter(None, (grubcfg.kernelopts(read_text(guest, p)) for p in regular(guest, GRUB_CONFIGS))), None)


def default_entry(guest: Guest) -> Entry | None:
    """Return the entry that boots if nobody chooses; None if there is none.

    It is the one that the loader's configuration or GRUB's environment names, else the first. A position counts
    entries with submenus unfolded.
    """
    found = entries(guest)
    wanted = _default_name(guest, found[0].loader).rpartition(">")[2] if found else ""
    if wanted.isdigit() and int(wanted) < len(found):
        return found[int(wanted)]
    matching = (entry for entry in found if fnmatch.fnmatchcase(entry.name, wanted.removesuffix(".conf")))
    return next(matching, found[0] if found else None)


def _default_name(guest: Guest, loader: Loader) -> str:
    if loader == "systemd-boot":
        texts = [read_text(guest, path) for path in regular(guest, LOADER_CONFIG)]
        return next((values[-1] for text in texts if (values := bls.values(text, "default"))), "")
    if loader == "extlinux":
        return next((extlinux.default(read_text(guest, path)) for path in regular(guest, EXTLINUX)), "")
    chosen = next(filter(None, (grubcfg.default(read_text(guest, p)) for p in regular(guest, GRUB_CONFIGS))), "")
    if chosen == "saved" or (loader == "bls" and not chosen):
        environment = [grubenv.variables(read_text(guest, path)) for path in regular(guest, GRUB_ENVIRONMENTS)]
        return next((variables["saved_entry"] for variables in environment if "saved_entry" in variables), "")
    return chosen
