"""The machine-id transform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, WithJsonSchema

from imagekit.diagnostics import Problem
from imagekit.identity.catalogue import machine
from imagekit.system import machineid, presets
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest

_MODES = ("auto", "empty", "uninitialized", "absent")


def _mode(value: str) -> str:
    if value in _MODES:
        return value
    if not re.fullmatch(r"[0-9a-fA-F]{32}", value) or machineid.parse(value) is None:
        raise ValueError(f"give one of {', '.join(_MODES)}, or 32 hex digits that are not all zero")
    return value.lower()


Mode = Annotated[
    str,
    AfterValidator(_mode),
    WithJsonSchema({"anyOf": [{"enum": list(_MODES)}, {"type": "string", "pattern": "^[0-9a-fA-F]{32}$"}]}),
]


class MachineId(Transform):
    """Blank the machine-id so that each clone makes its own, or set one."""

    main: ClassVar[str | None] = "mode"
    example: ClassVar[str] = "machine-id: auto"
    phase: ClassVar[Literal["closing"]] = "closing"
    order: ClassVar[int] = 40

    kind: Literal["machine-id"] = "machine-id"
    mode: Mode = "auto"
    """auto (right for the guest's init), empty, uninitialized, absent, or 32 hex digits for an image of one machine."""

    @property
    def resets(self) -> tuple[str, ...]:
        """The machine-id and its copy, unless one is set."""
        return ("machine-id", "dbus-machine-id") if self.mode in _MODES else ()

    def title(self) -> str:
        """Return the mode; an id is confidential (machine-id(5)) and is not told."""
        return f"machine-id {self.mode if self.mode in _MODES else 'set to one'}"

    def check(self, facts: Facts) -> Iterator[Problem]:
        """Yield a Problem if this guest would not boot, or not make an id, from the state that is asked for."""
        systemd = facts.init == "systemd"
        if self.mode in {"empty", "uninitialized"} and not systemd:
            yield Problem(
                "mode",
                f"a guest started by {facts.init} makes no new id from a machine-id that is {self.mode}",
                why="dbus-uuidgen --ensure fails on a file that is there and holds no id",
                fix="mode: auto",
                code="IK-MID-001",
            )
        if self.mode == "absent" and systemd:
            yield Problem(
                "mode",
                "a guest started by systemd may not boot without /etc/machine-id",
                why="systemd stops if the file is missing while the root is still read-only",
                fix="mode: auto",
                code="IK-MID-002",
            )

    def apply(self, guest: Guest) -> None:
        """Put the machine-id into its state; D-Bus's copy and the boot entries follow it."""
        for problem in self.check(guest.facts):
            raise problem
        if self.mode == "auto":
            machine.reset_machine_id(guest)
        elif self.mode in {"empty", "absent"}:
            machine.blank_machine_id(guest, "empty" if self.mode == "empty" else "absent")
        elif self.mode == "uninitialized":
            presets.make_first_boot_harmless(guest)
            machine.blank_machine_id(guest, "uninitialized")
        else:
            machine.set_machine_id(guest, self.mode)
