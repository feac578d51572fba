"""The services transform."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from imagekit.diagnostics import Problem
from imagekit.system import machineid, presets
from imagekit.system.families import name_for, nameless
from imagekit.system.services.init import init_of
from imagekit.system.text import read_text
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest
    from imagekit.system.services.init import InitSystem

ServiceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]*$", max_length=255)]
ByFamily = Annotated[dict[str, ServiceName | None], Field(min_length=1)]
Entry = ServiceName | ByFamily
Verb = Literal["enable", "disable", "mask"]
_ORDER: tuple[Verb, ...] = ("disable", "mask", "enable")


class Services(Transform):
    """Have services start at boot, or not: systemd's units, OpenRC's and System V's scripts.

    The links are written that each init's own tools would make; no program of the guest runs. For systemd the names
    may be those of any unit, and a name without a type is a service. A unit without an [Install] section is started
    by something else, and stays as it is.
    """

    main: ClassVar[str | None] = None
    example: ClassVar[str] = (
        "services: {enable: [nginx, {debian: ssh, rhel: sshd}], mask: [systemd-networkd-wait-online]}"
    )

    kind: Literal["services"] = "services"
    enable: tuple[Entry, ...] = ()
    """Services that start at boot; a mapping names one per distribution or family, null where none is needed."""
    disable: tuple[Entry, ...] = ()
    """Services that do not start at boot by themselves; others may still ask for them."""
    mask: tuple[Entry, ...] = ()
    """Services that nothing can start; where the init knows no masks, their script is made not executable."""

    @model_validator(mode="after")
    def _one_verb_each(self) -> Self:
        if not (self.enable or self.disable or self.mask):
            raise ValueError("say what to do: enable, disable or mask")
        named = Counter(entry for verb in ("enable", "mask") for entry in set(map(str, getattr(self, verb))))
        named.update(entry for entry in set(map(str, self.disable)) if entry in set(map(str, self.enable)))
        twice = [entry for entry, count in named.items() if count > 1]
        if twice:
            raise ValueError(f"{twice[0]} cannot be both enabled and disabled or masked")
        return self

    def title(self) -> str:
        """Return what is done to how many, or to which one."""
        return "services " + ", ".join(_parts(self))

    def check(self, facts: Facts) -> Iterator[Problem]:
        """Yield a Problem if the init is not known, and one for each entry without a name here."""
        if init_of(facts) is None:
            yield unknown_init()
        for verb in _ORDER:
            yield from nameless(verb, getattr(self, verb), facts, code="IK-SVC-006")

    def apply(self, guest: Guest) -> None:
        """Disable, mask, enable, in this order."""
        init = init_of(guest.facts)
        if init is None:
            raise unknown_init()
        for verb in _ORDER:
            for position, entry in enumerate(getattr(self, verb)):
                name = name_for(entry, guest.facts)
                if name is not None:
                    _do(guest, init, verb, name, position)
        if _first_boot_is_due(guest):
            presets.write_preset(guest)
        else:
            presets.renew_preset(guest)


def _first_boot_is_due(guest: Guest) -> bool:
    """Tell whether systemd would apply presets at the next boot, and with them undo what was done: machine-id(5)."""
    if guest.facts.init != "systemd":
        return False
    return not guest.exists(machineid.MACHINE_ID) or read_text(guest, machineid.MACHINE_ID).strip() == "uninitialized"


def _do(guest: Guest, init: InitSystem, verb: Verb, name: str, position: int) -> None:
    actions = {"enable": init.enable, "disable": init.disable, "mask": init.mask}
    try:
        actions[verb](guest, name)
    except Problem as problem:
        field = f"{verb}[{position}]"
        raise Problem(field, problem.message, why=problem.why, fix=problem.fix, code=problem.code) from problem


def unknown_init() -> Problem:
    """Return the Problem of a guest that imagekit does not know how to start services in."""
    return Problem(
        "",
        "imagekit does not know what starts services in this image",
        why="/sbin/init is neither systemd nor OpenRC's nor that of System V",
        fix="leave this step to other images with when: {init: systemd}",
        code="IK-SVC-005",
    )


def _parts(step: Services) -> Iterator[str]:
    for verb in ("enable", "disable", "mask"):
        entries = getattr(step, verb)
        if entries:
            yield f"{verb} {entries[0] if len(entries) == 1 and isinstance(entries[0], str) else len(entries)}"
