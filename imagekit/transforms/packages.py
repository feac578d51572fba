"""The packages transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from imagekit.diagnostics import Problem
from imagekit.system.packages import manager
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest

PackageName = Annotated[
    str,
    StringConstraints(
        # A name never begins with "-", and never ends with one: apt-get would read either as something else.
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9+._-]*[A-Za-z0-9+.])?(:[a-z0-9-]*[a-z0-9])?(=[A-Za-z0-9.+:~_-]*[A-Za-z0-9])?$"
    ),
]
ByFamily = Annotated[dict[str, PackageName | None], Field(min_length=1)]
Entry = PackageName | ByFamily


class Packages(Transform):
    """Install, remove, hold and update packages, by the guest's own package manager."""

    main: ClassVar[str | None] = None
    example: ClassVar[str] = (
        "packages: {install: [{debian: apache2, rhel: httpd}, nginx], remove: [popularity-contest]}"
    )
    opaque: ClassVar[bool] = True

    kind: Literal["packages"] = "packages"
    update: bool = False
    """Update all that is installed, before anything else."""
    install: tuple[Entry, ...] = ()
    """Names, or name=version; a mapping names a package per distribution or family, null where none is needed."""
    remove: tuple[Entry, ...] = ()
    """Names; what is not installed is passed over, and configuration files stay."""
    hold: tuple[Entry, ...] = ()
    """Installed packages that no update shall touch."""

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if not (self.update or self.install or self.remove or self.hold):
            raise ValueError("say what to do: update, install, remove or hold")
        return self

    @property
    def volatile(self) -> bool:
        """Whether a second run may find newer packages."""
        return self.update

    @property
    def needs_network(self) -> bool:
        """Whether packages may have to be fetched; what is installed already is not fetched again."""
        return self.update or bool(self.install)

    def title(self) -> str:
        """Return what is done to how many, or to which one."""
        return "packages " + (", ".join(_parts(self)) or "update")

    def check(self, facts: Facts) -> Iterator[Problem]:
        """Yield a Problem if the package manager is not supported, and one for each entry without a name here."""
        if manager.manager_of(facts) is None:
            yield unsupported(facts)
            return
        for field in ("install", "remove", "hold"):
            yield from _nameless(field, getattr(self, field), facts)

    def apply(self, guest: Guest) -> None:
        """Update, install, remove, hold, in this order, each only if something is left to do."""
        tool = manager.manager_of(guest.facts)
        if tool is None:
            raise unsupported(guest.facts)
        if self.update:
            tool.update(guest)
        wanted = _names(self.install, guest.facts)
        manager.ensure_installed(guest, tool, wanted)
        installed = tool.installed(guest)
        unwanted = [name for name in _names(self.remove, guest.facts) if installed.get(name)]
        if unwanted:
            tool.remove(guest, unwanted)
            installed = tool.installed(guest)
        _must_be_there("install", self.install, guest.facts, installed)
        _must_be_there("hold", self.hold, guest.facts, installed)
        held = tool.held(guest)
        to_hold = (name.partition("=")[0] for name in _names(self.hold, guest.facts))
        unheld = [name for name in to_hold if name.partition(":")[0] not in held]
        if unheld:
            tool.hold(guest, unheld)


def unsupported(facts: Facts) -> Problem:
    """Return the Problem for a guest whose package manager imagekit cannot drive."""
    return Problem(
        "",
        f"{facts.package_manager} packages are not supported yet"
        if facts.package_manager != "none"
        else "this image has no package manager that imagekit knows",
        why=f"supported are {' and '.join(manager.SUPPORTED)}",
        fix="install them with run, or leave this step to other images with when",
        code="IK-PKG-001",
    )


def _parts(step: Packages) -> Iterator[str]:
    if step.update:
        yield "update"
    for field in ("install", "remove", "hold"):
        entries = getattr(step, field)
        if entries:
            yield f"{field} {entries[0] if len(entries) == 1 and isinstance(entries[0], str) else len(entries)}"


def name_for(entry: Entry, facts: Facts) -> str | None:
    """Return the package's name in this distribution: its own key first, then the family's. None: none is needed.

    Raises:
        KeyError: the entry names neither.
    """
    if isinstance(entry, str):
        return entry
    return entry[facts.distro] if facts.distro in entry else entry[facts.family]


def _names(entries: tuple[Entry, ...], facts: Facts) -> tuple[str, ...]:
    return tuple(name for entry in entries if (name := name_for(entry, facts)) is not None)


def _nameless(field: str, entries: tuple[Entry, ...], facts: Facts) -> Iterator[Problem]:
    for position, entry in enumerate(entries):
        if not isinstance(entry, str) and not {facts.distro, facts.family} & set(entry):
            yield Problem(
                f"{field}[{position}]",
                f"no name is given for {facts.distro}, of the {facts.family} family",
                why=f"names are given for {', '.join(sorted(entry))}",
                fix=f"add {facts.family}: and the name it has there, or null if none is needed",
                code="IK-PKG-002",
            )


def _must_be_there(field: str, entries: tuple[Entry, ...], facts: Facts, installed: Mapping[str, str]) -> None:
    for position, entry in enumerate(entries):
        name = name_for(entry, facts)
        if name and not manager.is_satisfied(name, installed):
            raise Problem(
                f"{field}[{position}]",
                f"{name} is not installed at the end of this step",
                why="removing a package takes with it what depends on it" if field == "install" else "",
                fix="install it in this step, or take it out" if field == "hold" else "",
                code="IK-PKG-003",
            )
