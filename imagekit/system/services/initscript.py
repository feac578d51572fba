"""Scripts in /etc/init.d, which OpenRC and System V init have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from imagekit.diagnostics import Problem

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

FOLDER = "/etc/init.d"
_EXECUTABLE = 0o111

State = Literal["enabled", "disabled", "masked", "missing"]


def path_of(name: str) -> str:
    """Return where a service's script is."""
    return f"{FOLDER}/{name}"


def must_exist(guest: Guest, name: str) -> None:
    """Raise a Problem if a service has no script."""
    if not guest.exists(path_of(name)):
        near = [path.rpartition("/")[2] for path in guest.glob_expand(f"{FOLDER}/{name}*")]
        raise Problem(
            "",
            f"this image has no {path_of(name)}",
            fix=f"did you mean {near[0]}?" if near else "install the package that brings it in an earlier step",
            code="IK-SVC-001",
        )


def must_be_startable(guest: Guest, name: str) -> None:
    """Raise a Problem if a service has no script, or one that is masked."""
    must_exist(guest, name)
    if is_masked(guest, name):
        raise Problem(
            "",
            f"{name} is masked in this image: its script is not executable",
            fix=f"set the mode of {path_of(name)} to 0755 in an earlier step",
            code="IK-SVC-002",
        )


def is_masked(guest: Guest, name: str) -> bool:
    """Tell whether nothing can start a service: neither init runs a script that is not executable."""
    return not guest.lstat(guest.realpath(path_of(name))).mode & _EXECUTABLE


def mask(guest: Guest, name: str) -> None:
    """Have nothing start a service: neither init has another way to say so."""
    mode = guest.lstat(guest.realpath(path_of(name))).mode
    if mode & _EXECUTABLE:
        guest.chmod(mode & ~_EXECUTABLE, path_of(name))
