"""grub.cfg, line by line: its menu entries, and the arguments on the lines that load a kernel.

grub-mkconfig writes one command a line, with its arguments as they stand in /etc/default/grub; so the lines are edited
the way that it would write them. It is not run for that: it takes device names from the machine that it runs on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KERNEL = re.compile(
    r"^(?P<head>[ \t]*(?:linux(?:16|efi)?[ \t]+(?!\S*memtest)"
    r"|(?:multiboot2?_)?module2?[ \t]+(?:--nounzip[ \t]+)?(?=\S*/(?:vmlinu[xz]|bzImage|Image)))"
    r"(?P<kernel>\S+))(?P<gap>[ \t]*)(?P<arguments>.*?)(?P<tail>[ \t]*)$",
    re.MULTILINE,
)
_INITRD = re.compile(r"[ \t]*(?:initrd(?:16|efi)?)[ \t]+(?P<paths>\S.*?)[ \t]*")
_ENTRY = re.compile(r"""[ \t]*menuentry[ \t]+(?P<title>"[^"]*"|'[^']*'|\S+)(?P<rest>.*)""")
_ID = re.compile(r"""(?:--id[ =]|\$\{?menuentry_id_option\}?[ \t]+)["']?(?P<id>[^"'\s]+)""")
_KERNELOPTS = re.compile(r'^(?P<head>[ \t]*set[ \t]+kernelopts=")(?P<arguments>[^"\n]*)"', re.MULTILINE)
_DEFAULT = re.compile(r"""^[ \t]*set[ \t]+default=["']?(?P<value>[^"'\n]*)["']?[ \t]*$""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A menu entry: its id, or its title if it has none; its kernel, initrds and arguments as they are written."""

    name: str
    kernel: str
    initrds: tuple[str, ...]
    arguments: str


def entries(text: str) -> Iterator[MenuEntry]:
    """Yield the entries that load a kernel, in the order of the menu, submenus unfolded."""
    name, kernel = "", None
    initrds: tuple[str, ...] = ()
    for line in text.split("\n"):
        if opened := _ENTRY.fullmatch(line):
            if kernel:
                yield MenuEntry(name, kernel["kernel"], initrds, kernel["arguments"])
            found = _ID.search(opened["rest"])
            name, kernel, initrds = found["id"] if found else opened["title"].strip("'\""), None, ()
        elif loaded := _KERNEL.fullmatch(line):
            kernel = loaded
        elif given := _INITRD.fullmatch(line):
            initrds = tuple(given["paths"].split())
    if kernel:
        yield MenuEntry(name, kernel["kernel"], initrds, kernel["arguments"])


def edit_kernels(text: str, change: Callable[[str], str]) -> str:
    """Return the text with the arguments of every kernel changed, and of the variable that entries may share."""

    def edited(match: re.Match[str]) -> str:
        after = change(match["arguments"])
        return match[0] if after == match["arguments"] else f"{match['head']}{match['gap'] or ' '}{after}".rstrip()

    return edit_kernelopts(_KERNEL.sub(edited, text), change)


def edit_kernelopts(text: str, change: Callable[[str], str]) -> str:
    """Return the text with what it sets ``kernelopts`` to changed; RHEL 8 has that for an environment without it."""
    return _KERNELOPTS.sub(lambda match: f'{match["head"]}{change(match["arguments"])}"', text)


def kernelopts(text: str) -> str | None:
    """Return what the text sets ``kernelopts`` to; None if it does not."""
    found = _KERNELOPTS.search(text)
    return found["arguments"] if found else None


def default(text: str) -> str:
    """Return the last plain value of ``default``; "" if there is none. ``${saved_entry}`` is told by itself."""
    found = [match["value"] for match in _DEFAULT.finditer(text)]
    if any("saved_entry" in value for value in found):
        return "saved"
    plain = [value for value in found if "$" not in value]
    return plain[-1] if plain else ""
