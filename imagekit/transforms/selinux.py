"""The selinux transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import model_validator

from imagekit.diagnostics import Problem
from imagekit.system import selinux
from imagekit.system.selinux import Mode
from imagekit.transform import Transform

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


class Selinux(Transform):
    """Set the mode of SELinux, and when files get their labels.

    Whatever a spec changes in a guest with SELinux is labelled at the end of the build, by the guest's own setfiles
    and its own policy; no step has to ask for it. Kernel arguments that would win over the mode are taken away.
    """

    main: ClassVar[str | None] = "mode"
    example: ClassVar[str] = "selinux: enforcing"

    kind: Literal["selinux"] = "selinux"
    mode: Mode | None = None
    """What it is after the next boot; as it is, unless given. A guest that had none needs ``relabel: at-boot``."""
    relabel: Literal["changed", "at-boot"] = "changed"
    """Label what this build changed; or have the guest label all of itself at its next boot, which then takes long
    and restarts."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.mode is None and self.relabel == "changed":
            raise ValueError("give mode, or relabel: at-boot")
        if self.mode == "disabled" and self.relabel == "at-boot":
            raise ValueError("a guest with SELinux disabled does not relabel itself")
        return self

    def title(self) -> str:
        """Return the mode, and whether all is labelled at boot."""
        return " ".join(filter(None, ("selinux", self.mode, "relabel at boot" if self.relabel == "at-boot" else "")))

    def apply(self, guest: Guest) -> None:
        """Write the mode, and the file that has the guest label itself."""
        selinux.must_have_selinux(guest, "mode" if self.mode else "relabel")
        if self.mode not in {None, "disabled"} and self.relabel == "changed" and selinux.mode(guest) == "disabled":
            raise Problem(
                "mode",
                f"SELinux is disabled in this image, so its files may have no labels that {self.mode} could go by",
                why="nothing is labelled while it is disabled",
                fix="add relabel: at-boot",
                code="IK-SEL-003",
            )
        if self.mode is not None:
            selinux.set_mode(guest, self.mode)
        if self.relabel == "at-boot":
            selinux.relabel_at_boot(guest)
