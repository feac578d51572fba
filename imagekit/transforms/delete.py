"""The delete transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from imagekit.diagnostics import Problem
from imagekit.guest import paths
from imagekit.guest.patterns import expand
from imagekit.system.fields import GuestPath
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest

_BELOW_USR = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
_TOP = (*_BELOW_USR, "boot", "dev", "etc", "home", "media", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp")
# The folders of hier(7) without which a guest does not start, or that its packages expect.
_KEPT = frozenset({"/", "/usr", "/var", *(f"/{name}" for name in _TOP), *(f"/usr/{name}" for name in _BELOW_USR)})


class Kept(ValueError):
    """A path is one that no guest can do without. A ValueError, so that it may end a pydantic validation."""

    code = "IK-DEL-001"
    why = "a guest does not start, or its packages do not work, without its top folders"

    def __init__(self, path: str) -> None:
        self.path = path
        top = path.rstrip("/")
        empties = "" if any(paths.is_below(other, path) for other in _KEPT) else f", or {top}/* to empty it"
        self.fix = f"name what is below it, as {top}/NAME{empties}"
        super().__init__(f"{path} itself is never deleted")


def _deletable(path: str) -> str:
    names = paths.parts(path)
    if ".." in names:
        raise ValueError('write the path without "..": what that leads to depends on the links in the guest')
    if any("**" in name for name in names):
        raise ValueError('"**" means no more than "*" here, which is one name at one depth; name the folder instead')
    if path in _KEPT:
        raise Kept(path)
    return path


Deletable = Annotated[GuestPath, AfterValidator(_deletable)]
"""An absolute path or shell pattern in the guest, but for its top folders."""


class Delete(Transform):
    """Delete files, links and whole folders.

    What is not there is fine. ``*``, ``?``, ``[...]`` and ``{a,b}`` stand for names as in a shell: hidden ones only
    if the pattern begins with the dot, and ``/tmp/*`` empties a folder and keeps it. A link is deleted itself, not
    what it leads to.
    """

    main: ClassVar[str | None] = "path"
    example: ClassVar[str] = "delete: {paths: [/root/.bash_history, /var/cache/apt/archives/*.deb, /tmp/*]}"

    kind: Literal["delete"] = "delete"
    path: Deletable | None = None
    """A path or pattern; this or ``paths``."""
    paths: Annotated[tuple[Deletable, ...], Field(min_length=1)] | None = None
    """Several of them, deleted in this order."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.path is None) == (self.paths is None):
            raise ValueError(f"give exactly one of path and paths, not {'none' if self.path is None else 'both'}")
        return self

    def title(self) -> str:
        """Return the path, or how many there are."""
        (first, *more) = (pattern for _, pattern in self._patterns())
        return f"delete {len(more) + 1} paths" if more else f"delete {first}"

    def apply(self, guest: Guest) -> None:
        """Delete what each pattern stands for; nothing of a pattern that also leads to a top folder."""
        for field, pattern in self._patterns():
            for target in _targets(guest, pattern, field):
                _remove(guest, target)

    def _patterns(self) -> Iterator[tuple[str, str]]:
        """Yield each pattern after the field that it stands in."""
        if self.path is not None:
            yield "path", self.path
        yield from ((f"paths[{position}]", pattern) for position, pattern in enumerate(self.paths or ()))


def _targets(guest: Guest, pattern: str, field: str) -> tuple[str, ...]:
    """Return where that which a pattern stands for really is, links among the parents resolved inside the guest."""
    found = expand(guest, pattern)
    parents = {parent: guest.realpath(parent) for parent in {paths.parent(path) for path in found}}
    targets = tuple(paths.join(parents[paths.parent(path)], paths.name(path)) for path in found)
    for target in targets:
        if target in _KEPT:
            kept = Kept(target)
            raise Problem(
                field, f"{pattern} stands for {target} too, and {kept}", why=kept.why, fix=kept.fix, code=kept.code
            )
    return targets


def _remove(guest: Guest, path: str) -> None:
    """Delete one path; rm_rf starts a process in the appliance, so files go by rm_f."""
    if guest.is_dir(path):
        guest.rm_rf(path)
    else:
        guest.rm_f(path)
