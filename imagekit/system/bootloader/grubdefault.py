"""The kernel arguments in /etc/default/grub and its drop-ins, from which grub-mkconfig makes grub.cfg.

GRUB_CMDLINE_LINUX goes to every entry, GRUB_CMDLINE_LINUX_DEFAULT behind it to all but recovery ones (GRUB manual,
Simple configuration). Debian reads /etc/default/grub.d/*.cfg after the main file.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from imagekit.system.bootloader import cmdline, shellvars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALL = "GRUB_CMDLINE_LINUX"
NORMAL = "GRUB_CMDLINE_LINUX_DEFAULT"


def arguments(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the arguments of a normal entry, as the files, in the order that they are read, set them.

    Raises:
        NotPlain: an assignment cannot be read.
    """
    return (*cmdline.words(_value(texts, ALL)), *cmdline.words(_value(texts, NORMAL)))


def _value(texts: Mapping[str, str], name: str) -> str:
    """Return the value of a variable in the end; what a file adds to it by its own name is followed, nothing else."""
    own = re.compile(rf"\$(?:{name}\b|\{{{name}\}})")
    value = ""
    for text in texts.values():
        for content in shellvars.contents(text, name):
            value = own.sub(value.replace("\\", r"\\"), content)
    return value


def changed(texts: Mapping[str, str], add: Sequence[str], remove: Sequence[str]) -> dict[str, str]:
    """Return the files with arguments added to what counts in the end, and removed wherever they stand.

    What is added goes to every entry; but if normal entries have another value of that name, behind that, since
    the last one counts.

    Args:
        texts: path -> text, in the order that they are read; the first one is there even if empty.
        add: arguments.
        remove: names or arguments.

    Raises:
        NotPlain: an assignment cannot be read.
    """
    result = {path: _without(text, add, remove) for path, text in texts.items()}
    for argument in add:
        if any(cmdline.same(argument, word) for word in arguments(result)):
            continue
        rivals = map(cmdline.name_of, cmdline.words(_value(result, NORMAL)))
        name = NORMAL if cmdline.name_of(argument) in rivals else ALL
        path = _last_with(result, name)
        result[path] = shellvars.edit_last(result[path], name, partial(cmdline.with_added, add=(argument,)))
    return result


def _without(text: str, add: Sequence[str], remove: Sequence[str]) -> str:
    for name in (ALL, NORMAL):
        text = shellvars.edit_each(text, name, partial(cmdline.without, remove=remove, keep=add))
    return text


def _last_with(texts: Mapping[str, str], name: str) -> str:
    setting = [path for path, text in texts.items() if shellvars.contents(text, name)]
    return setting[-1] if setting else next(iter(texts))
