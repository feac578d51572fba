"""Clones without a machine: sights made of words, and a lab whose guests live in memory."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from imagekit.engine.booting.compare import subject_of
from imagekit.engine.booting.lab import Template
from imagekit.engine.booting.sight import Sight, Trace, needs, see
from imagekit.identity.catalogue import load_catalogue
from imagekit.vm.boot import BootResult
from imagekit.vm.probe import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.booting.hardware import Clone
    from imagekit.testing.memory import MemoryGuest

KEY = b"key"


def result(ended: str = "powered-off", **said: object) -> BootResult:
    report = Report(**{"complete": True, "hostname": "clone", **said})
    return BootResult(ended, 60.0, "serial\n", report)  # type: ignore[arg-type]


@pytest.fixture
def booted() -> Callable[..., BootResult]:
    """``booted("reset", complete=False)``: how a boot ended, and what the probe said."""
    return result


@pytest.fixture
def sight() -> Callable[..., Sight]:
    """``sight({"/etc/machine-id": "a"})``: a guest with one identity, ``id``, by the marks of its paths."""
    return lambda marks, **more: Sight({"id": {path: Trace(mark, **more) for path, mark in marks.items()}})


@dataclass
class MemoryLab:
    """A lab whose clones are all one memory guest, which each boot changes as a test says.

    Attributes:
        guest: what image and clones hold.
        personal: what a boot writes: path -> a function of the clone and of the number of the boot.
        results: what the boots come to, in their order; the last one again and again.
    """

    guest: MemoryGuest
    personal: dict[str, Callable[[Clone, int], str]] = field(default_factory=dict)
    results: list[BootResult] = field(default_factory=lambda: [result()])
    seeded: bool = False
    mute: str = ""
    accelerator: str = "tcg"
    refuses: Exception | None = None
    started: list[tuple[str, float]] = field(default_factory=list)

    def prepare(self) -> Template:
        subjects = tuple(subject_of(item, needed=needs(self.guest, item)) for item in load_catalogue())
        return Template(
            facts=self.guest.facts,
            sight=see(self.guest, KEY),
            subjects=subjects,
            firmware="bios",
            accelerator=self.accelerator,  # type: ignore[arg-type]
            seeded=self.seeded,
            mute=self.mute,
        )

    def start(self, clone: Clone, template: Template, *, seconds: float) -> BootResult:
        self.started.append((clone.name, seconds))
        number = [name for name, _ in self.started].count(clone.name)
        for path, content in self.personal.items():
            self.guest.write(path, content(clone, number))
        return self.results.pop(0) if len(self.results) > 1 else self.results[0]

    def look(self, clone: Clone) -> Sight:
        if self.refuses:
            raise self.refuses
        return see(self.guest, KEY, clone.hardware)


@pytest.fixture
def lab(blank: MemoryGuest) -> MemoryLab:
    """A template of Debian that holds no identity; each boot of a clone gives it a machine-id and a key of its own."""
    numbers = itertools.count(1)
    ids: dict[str, str] = {}

    def personal(clone: Clone, number: int) -> str:
        return ids.setdefault(clone.name, f"{next(numbers):032x}")

    made = MemoryLab(blank)
    made.personal = {
        "/etc/machine-id": lambda clone, number: personal(clone, number) + "\n",
        "/etc/ssh/ssh_host_ed25519_key": lambda clone, number: "key of " + personal(clone, number),
    }
    return made
