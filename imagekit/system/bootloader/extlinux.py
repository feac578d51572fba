"""The menu of extlinux and syslinux (syslinux wiki, Config): labels, kernels, ``APPEND`` lines; case does not count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LINE = re.compile(r"^(?P<head>[ \t]*(?P<key>[A-Za-z]+)[ \t]+)(?P<value>\S.*?)[ \t]*$", re.MULTILINE)
_BINARY = (".c32", ".com", ".cbt", ".bin", ".0", ".bs")
"""What ``KERNEL`` may load besides a kernel, by the end of its name."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label with a kernel: its name, the kernel, its initrds and its arguments as they are written."""

    name: str
    kernel: str
    initrds: tuple[str, ...]
    arguments: str
    span: tuple[int, int]
    append: tuple[int, int] | None
    """Where its section and the value of its APPEND line stand in the text."""


def labels(text: str) -> Iterator[Label]:
    """Yield the labels that load a kernel, in order; one without APPEND has that which stands above all labels."""
    starts = [match for match in _LINE.finditer(text) if match["key"].lower() == "label"]
    ends = [*(match.start() for match in starts[1:]), len(text)]
    first = starts[0].start() if starts else 0
    shared = next((m["value"] for m in _LINE.finditer(text, 0, first) if m["key"].lower() == "append"), "")
    for start, end in zip(starts, ends, strict=True):
        found = {match["key"].lower(): match for match in _LINE.finditer(text, start.start(), end)}
        kernel = next((found[key]["value"] for key in ("linux", "kernel") if key in found), "")
        if not kernel or kernel.lower().endswith(_BINARY):
            continue
        append = found.get("append")
        initrd = found["initrd"]["value"].split(",") if "initrd" in found else ()
        arguments = append["value"] if append else shared
        span = append.span("value") if append else None
        yield Label(
            start["value"], kernel, tuple(initrd), "" if arguments == "-" else arguments, (start.start(), end), span
        )


def default(text: str) -> str:
    """Return the label that boots if nobody chooses: ONTIMEOUT, else DEFAULT; "" if there is none."""
    found = {match["key"].lower(): match["value"] for match in _LINE.finditer(text)}
    return found.get("ontimeout") or found.get("default") or ""


def edit_kernels(text: str, change: Callable[[str], str]) -> str:
    """Return the text with the arguments of every label changed; an APPEND line is made where there was none."""
    for label in reversed(tuple(labels(text))):
        after = change(label.arguments)
        if after == label.arguments:
            continue
        if label.append:
            start, end = label.append
            text = text[:start] + (after or "-") + text[end:]
        else:
            _, end = label.span
            body = text[:end].rstrip("\n")
            text = f"{body}\n  APPEND {after}\n{text[end:]}"
    return text
