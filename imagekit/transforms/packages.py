"""The packages transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from imagekit.diagnostics import Problem
from imagekit.system.families import name_for, nameless, names_for
from imagekit.system.packages import folder, manager
from imagekit.system.packages.folder import PathOrPackageFolder
from imagekit.system.packages.repository import Repository
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.manager import Manager

PackageName = Annotated[
    str,
    StringConstraints(
        # A name never begins with "-", and never ends with one: apt-get would read either as something else.
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9+._-]*[A-Za-z0-9+.])?(:[a-z0-9-]*[a-z0-9])?(=[A-Za-z0-9.+:~^_-]*[A-Za-z0-9])?$"
    ),
]
ByFamily = Annotated[dict[str, PackageName | None], Field(min_length=1)]
Entry = PackageName | ByFamily


class Packages(Transform):
    """Install, remove, hold and update packages, by the guest's own package manager.

    First the repositories are written, then come the update, what is installed, what is removed, what is no longer
    needed, and what is held. Each only runs if something is left to do. No service starts, and neither lists nor
    archives nor a proxy stay in the image.
    """

    main: ClassVar[str | None] = None
    example: ClassVar[str] = (
        "packages: {install: [{debian: apache2, rhel: httpd}, nginx], remove: [popularity-contest]}"
    )
    opaque: ClassVar[bool] = True
    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    kind: Literal["packages"] = "packages"
    update: bool = False
    """Update all that is installed, before anything is installed."""
    install: tuple[Entry, ...] = ()
    """Names, or name=version; a mapping names a package per distribution or family, null where none is needed."""
    remove: tuple[Entry, ...] = ()
    """Names; what is not installed is passed over, and configuration files stay."""
    hold: tuple[Entry, ...] = ()
    """Installed packages that no update shall touch."""
    autoremove: bool = False
    """Remove what was installed for other packages, and is needed by none any more."""
    source: PathOrPackageFolder | None = Field(default=None, alias="from")
    """A folder of package files on the host: what is installed comes from it alone, without network; without
    ``install``, all that is in it. Their signatures are not asked for."""
    repositories: tuple[Repository, ...] = ()
    """Repositories that the image shall have from now on."""

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        work = (self.update, self.install, self.source, self.remove, self.hold, self.autoremove, self.repositories)
        if not any(work):
            raise ValueError("say what to do: update, install, remove, hold, autoremove, from or repositories")
        if self.source is not None and self.update:
            raise ValueError("from installs without network, and update needs it; make them two steps")
        return self

    @property
    def volatile(self) -> bool:
        """Whether a second run may find newer packages."""
        return self.update

    @property
    def needs_network(self) -> bool:
        """Whether packages may have to be fetched; what is installed already is not fetched again."""
        return self.update or (bool(self.install) and self.source is None)

    def title(self) -> str:
        """Return what is done to how many, or to which one."""
        return "packages " + ", ".join(_parts(self))

    def check(self, facts: Facts) -> Iterator[Problem]:
        """Yield a Problem if the package manager is not supported, and one for each entry without a name here."""
        tool = manager.manager_of(facts)
        if tool is None:
            yield unsupported(facts)
            return
        if self.source is not None and not self.source.names(tool.suffixes):
            yield folder.no_files(self.source, tool.suffixes, "from")
        for field in ("install", "remove", "hold"):
            yield from nameless(field, getattr(self, field), facts, code="IK-PKG-002")

    def apply(self, guest: Guest) -> None:
        """Write repositories, update, install, remove, autoremove, hold, in this order."""
        tool = manager.manager_of(guest.facts)
        if tool is None:
            raise unsupported(guest.facts)
        for position, repository in enumerate(self.repositories):
            _declare(guest, tool, repository, position)
        if self.update:
            tool.update(guest)
        if self.source is not None:
            folder.install_from(guest, tool, self.source, names_for(self.install, guest.facts))
        else:
            manager.ensure_installed(guest, tool, names_for(self.install, guest.facts))
        self._remove(guest, tool)
        if self.autoremove:
            tool.autoremove(guest)
        self._look_and_hold(guest, tool)

    def _remove(self, guest: Guest, tool: Manager) -> None:
        """Remove what is there, and see that it is gone."""
        names = names_for(self.remove, guest.facts)
        unwanted = _present(names, tool.installed(guest)) if names else ()
        if not unwanted:
            return
        tool.remove(guest, unwanted)
        left = _present(names, tool.installed(guest))
        if left:
            raise Problem(
                "remove",
                f"{left[0]} is still installed after it was removed",
                why="another package needs it",
                fix="remove that one too",
                code="IK-PKG-004",
            )

    def _look_and_hold(self, guest: Guest, tool: Manager) -> None:
        """See that all is there that was asked for, and hold what is not held yet."""
        if not (self.install or self.hold):
            return
        installed = tool.installed(guest)
        _must_be_there("install", self.install, guest.facts, installed)
        _must_be_there("hold", self.hold, guest.facts, installed)
        held = tool.held(guest) if self.hold else frozenset()
        to_hold = (name.partition("=")[0] for name in names_for(self.hold, guest.facts))
        unheld = [name for name in to_hold if name.partition(":")[0] not in held]
        if unheld:
            tool.hold(guest, unheld)


def unsupported(facts: Facts) -> Problem:
    """Return the Problem for a guest whose package manager imagekit cannot drive."""
    return Problem(
        "",
        "this image has no package manager that imagekit knows",
        why=f"known are {', '.join(manager.SUPPORTED)}; this is {facts.name or facts.distro}",
        fix="install them with run, or leave this step to other images with when",
        code="IK-PKG-001",
    )


def _parts(step: Packages) -> Iterator[str]:
    if step.repositories:
        yield f"repositories {', '.join(each.name for each in step.repositories)}"
    if step.update:
        yield "update"
    if step.source is not None and not step.install:
        yield f"install all of {step.source.folder}"
    for field in ("install", "remove", "hold"):
        entries = getattr(step, field)
        if entries:
            yield f"{field} {entries[0] if len(entries) == 1 and isinstance(entries[0], str) else len(entries)}"
    if step.autoremove:
        yield "autoremove"


def _present(names: Sequence[str], installed: Mapping[str, str]) -> tuple[str, ...]:
    """Return those of the names that are packages of their own; one that is only provided is somebody else's."""
    return tuple(name for name in dict.fromkeys(names) if installed.get(name.partition("=")[0]))


def _declare(guest: Guest, tool: Manager, repository: Repository, position: int) -> None:
    try:
        tool.declare(guest, repository)
    except Problem as problem:
        field = f"repositories[{position}].{problem.field}"
        raise Problem(field, problem.message, why=problem.why, fix=problem.fix, code=problem.code) from problem


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
