"""Kernel arguments of a guest: in its boot entries, and in what makes entries for the kernels to come."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system.bootloader import bls, cmdline, extlinux, grubcfg, grubdefault, grubenv, shellvars
from imagekit.system.bootloader.entries import default_entry, entries, kernelopts
from imagekit.system.bootloader.loaders import (
    COMMAND_LINES,
    ENTRIES,
    EXTLINUX,
    GRUB_CONFIGS,
    GRUB_DEFAULT,
    GRUB_DEFAULT_MORE,
    GRUB_ENVIRONMENTS,
    SHELL_SETTINGS,
    regular,
    supported_loaders,
)
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imagekit.guest.protocol import Guest

    Edits = Iterator[tuple[str, str]]


def arguments(guest: Guest) -> tuple[str, ...]:
    """Return the arguments that the kernel gets if nobody chooses an entry; () if there is none."""
    entry = default_entry(guest)
    return entry.arguments if entry else ()


def change_arguments(
    guest: Guest, add: Sequence[str] = (), remove: Sequence[str] = (), *, field: str = ""
) -> tuple[str, ...]:
    """Add and remove kernel arguments, for every entry there is and for those to come; return the files that changed.

    No program of the guest runs: entries are edited the way that its generator would write them.

    Args:
        guest: what is changed.
        add: arguments, each as ``cmdline.ARGUMENT`` has them; what is there already is not added again.
        remove: ``quiet`` or ``console`` for all arguments of a name, ``console=tty0`` for that one.
        field: where a Problem is told.

    Raises:
        Problem: nothing that is supported boots this guest, no entry of it can be read, or a setting is not plain.
    """
    supported_loaders(guest, field)
    if not entries(guest):
        raise Problem(
            field,
            "no boot entry of this image can be read",
            why="its boot loader has a configuration without a line that loads a kernel",
            fix="have the guest's own program write it in an earlier step, update-grub for example",
            code="IK-BOOT-004",
        )
    change = partial(cmdline.changed, add=add, remove=remove)
    try:
        edits = [*_present(guest, change, add, remove), *_settings(guest, change, add, remove)]
    except shellvars.NotPlain as line:
        raise Problem(
            field,
            f"a setting of the boot loader cannot be edited: {line}",
            why="the assignment is more than a name and one quoted value",
            fix="write it as one value in quotes in an earlier step",
            code="IK-BOOT-005",
        ) from line
    for path, text in edits:
        write_text(guest, path, text)
    return tuple(path for path, _ in edits)


def _present(guest: Guest, change: Callable[[str], str], add: Sequence[str], remove: Sequence[str]) -> Edits:
    """Yield the files of the entries that are there, with their new texts, where these differ."""
    shared = kernelopts(guest)
    for path in regular(guest, GRUB_ENVIRONMENTS):
        text = read_text(guest, path)
        before = grubenv.variables(text).get("kernelopts")
        if before is not None and change(before) != before:
            yield path, grubenv.with_variable(text, "kernelopts", change(before))
    for path in regular(guest, ENTRIES):
        text = read_text(guest, path)
        by_variable = shared is not None and bls.KERNELOPTS.search(bls.options(text))
        yield from _edit(text, path, partial(_entry, add=() if by_variable else add, keep=add, remove=remove))
    for path in regular(guest, GRUB_CONFIGS):
        yield from _edit(read_text(guest, path), path, partial(grubcfg.edit_kernels, change=change))
    for path in regular(guest, EXTLINUX):
        yield from _edit(read_text(guest, path), path, partial(extlinux.edit_kernels, change=change))


def _entry(text: str, add: Sequence[str], keep: Sequence[str], remove: Sequence[str]) -> str:
    return bls.edit_options(
        text, lambda line: cmdline.without(line, remove, keep), lambda line: cmdline.with_added(line, add)
    )


def _settings(guest: Guest, change: Callable[[str], str], add: Sequence[str], remove: Sequence[str]) -> Edits:
    """Yield the files that entries are made from, with their new texts, where these differ."""
    if guest.is_file(GRUB_DEFAULT, followsymlinks=True):
        texts = {path: read_text(guest, path) for path in (GRUB_DEFAULT, *regular(guest, GRUB_DEFAULT_MORE))}
        edited = grubdefault.changed(texts, add, remove)
        yield from ((path, edited[path]) for path in texts if edited[path] != texts[path])
    for path, name in SHELL_SETTINGS.items():
        text = read_text(guest, path)
        if text:
            yield from _edit(text, path, partial(shellvars.edit_last, name=name, change=change))
    for path in regular(guest, COMMAND_LINES):
        yield from _edit(read_text(guest, path), path, partial(_plain, change=change))


def _plain(text: str, change: Callable[[str], str]) -> str:
    """Return a file that is one command line changed; its newline stays at its end."""
    line = text.rstrip("\n")
    return change(line) + text[len(line) :]


def _edit(text: str, path: str, edit: Callable[[str], str]) -> Edits:
    after = edit(text)
    if after != text:
        yield path, after
