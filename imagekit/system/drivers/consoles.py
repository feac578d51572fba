"""Consoles: where a platform shows what the kernel, the boot loader and a login say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import edit
from imagekit.system.bootloader import shellvars
from imagekit.system.bootloader.arguments import arguments, change_arguments
from imagekit.system.bootloader.loaders import GRUB_DEFAULT, loaders
from imagekit.system.drivers.platforms import PLATFORMS
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imagekit.guest.protocol import Guest

INITTAB = "/etc/inittab"
_SCREEN = "tty0"
_SPEED = {"ttyS0": ",115200n8", "ttyAMA0": ",115200n8"}
_SILENT = ("quiet", "splash", "rhgb")
_GRUB_TERMINAL = "console serial"
_GRUB_SERIAL = "serial --unit=0 --speed=115200"


def devices(platforms: Sequence[str], arch: str) -> tuple[str, ...]:
    """Return the terminals of these platforms, each once; the last platform's is the last."""
    known = (PLATFORMS[name].console.devices.get(arch) for name in reversed(platforms))
    return tuple(reversed(dict.fromkeys(filter(None, known))))


def set_up(guest: Guest, platforms: Sequence[str]) -> None:
    """Have the kernel, GRUB and a login on the consoles of these platforms, beside the screen.

    A console that is named already stays as it is named. Units for the login are started by systemd itself
    (systemd-getty-generator(8)); other inits have a line of inittab for each. GRUB's own menu follows when its
    configuration is written the next time, as it is for every new kernel.

    Raises:
        Problem: the configuration of the boot loader cannot be edited.
    """
    wanted = devices(platforms, guest.facts.arch)
    if loaders(guest):
        add, remove = _changes(arguments(guest), platforms, wanted)
        if add or remove:
            change_arguments(guest, add, remove, field="console")
        if "ttyS0" in wanted:
            _grub_terminal(guest)
    if guest.facts.init in {"openrc", "sysvinit"}:
        _logins(guest, wanted)


def _changes(
    present: Sequence[str], platforms: Sequence[str], wanted: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the kernel arguments to add, and those to remove."""
    named = [word.removeprefix("console=").partition(",")[0] for word in present if word.startswith("console=")]
    new = [device for device in wanted if device not in named]
    screen = [_SCREEN] if new and not named else []
    consoles = [PLATFORMS[name].console for name in platforms]
    return (
        (
            *(f"console={device}{_SPEED.get(device, '')}" for device in (*screen, *new)),
            *dict.fromkeys(argument for console in consoles for argument in console.arguments),
        ),
        _SILENT if any(console.verbose for console in consoles) else (),
    )


def _grub_terminal(guest: Guest) -> None:
    """Have GRUB use its first serial port beside the screen (GRUB manual, Simple configuration)."""
    text = read_text(guest, GRUB_DEFAULT)
    if not text:
        return
    try:
        terminal = (*shellvars.contents(text, "GRUB_TERMINAL"), "")[0]
        serial = shellvars.contents(text, "GRUB_SERIAL_COMMAND")
        if "serial" not in terminal.split():
            text = shellvars.edit_last(text, "GRUB_TERMINAL", lambda _: _GRUB_TERMINAL)
        if not any(serial):
            text = shellvars.edit_last(text, "GRUB_SERIAL_COMMAND", lambda _: _GRUB_SERIAL)
    except shellvars.NotPlain:
        # Somebody computes it, and knows better.
        return
    write_text(guest, GRUB_DEFAULT, text)


def _logins(guest: Guest, wanted: Sequence[str]) -> None:
    """Add a line for each console that inittab has none for, one that is commented out included."""
    text = read_text(guest, INITTAB)
    if not text:
        return
    for device in wanted:
        if not re.search(rf"^[^#\n]*\b{device}\b", text, re.MULTILINE):
            text = edit.with_final_newline(text) + _inittab_line(guest, device) + "\n"
    write_text(guest, INITTAB, text)


def _inittab_line(guest: Guest, device: str) -> str:
    """Return a line in the words of the init that reads it: BusyBox has the terminal in front, System V an id."""
    getty = next((path for path in ("/sbin/getty", "/sbin/agetty") if guest.exists(path)), "/sbin/getty")
    if guest.realpath("/sbin/init").endswith("/busybox"):
        return f"{device}::respawn:{getty} -L 115200 {device} vt100"
    return f"{device[-4:]}:2345:respawn:{getty} -L 115200 {device} vt100"


def remarks(guest: Guest, platforms: Sequence[str]) -> Iterator[str]:
    """Yield a sentence if there is no boot loader to tell of consoles."""
    if devices(platforms, guest.facts.arch) and not loaders(guest):
        yield "no boot loader that is supported was found, so its kernels were told of no console"
