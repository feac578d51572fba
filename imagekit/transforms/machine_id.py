"""The machine-id transform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from imagekit.diagnostics import Problem
from imagekit.identity.catalogue import machine
from imagekit.system import machineid, presets
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest

_MODES = ("auto", "empty", "uninitialized", "absent")


def _text(value: Any) -> Any:
    """Refuse what YAML took for a number: digits alone are one, and digits around one ``e`` too."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ValueError("write the id as a quoted string")  # noqa: TRY004  pydantic reports a ValueError
    return value


def _mode(value: str) -> str:
    if value in _MODES:
        return value
    if not re.fullmatch(r"[0-9a-fA-F]{32}", value) or machineid.parse(value) is None:
        raise ValueError(f"give one of {', '.join(_MODES)}, or 32 hex digits that are not all zero")
    return value.lower()


Mode = Annotated[
    str,
    BeforeValidator(_text),
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
        if facts.init != "unknown":
            yield from self._misfits(systemd=facts.init == "systemd", starter=facts.init)

    def _misfits(self, *, systemd: bool, starter: str) -> Iterator[Problem]:
        if self.mode in {"empty", "uninitialized"} and not systemd:
            yield Problem(
                "mode",
                f"a guest started by {starter} makes no new id from a machine-id that is {self.mode}",
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
        unstarted_container = guest.facts.init == "unknown" and self.mode == "empty"
        if not unstarted_container:
            starter = "something unknown" if guest.facts.init == "unknown" else guest.facts.init
            for problem in self._misfits(systemd=machineid.has_systemd(guest), starter=starter):
                raise problem
        if self.mode == "auto":
            machine.reset_machine_id(guest)
        elif self.mode == "uninitialized":
            presets.make_first_boot_harmless(guest)
            machine.blank_machine_id(guest, "uninitialized")
        elif self.mode in _MODES:
            machine.blank_machine_id(guest, "empty" if self.mode == "empty" else "absent")
        else:
            machine.set_machine_id(guest, self.mode)
