"""The kernel-args transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import StringConstraints, model_validator

from imagekit.system.bootloader import cmdline
from imagekit.system.bootloader.arguments import change_arguments
from imagekit.transform import Transform

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

Argument = Annotated[str, StringConstraints(max_length=512, pattern=cmdline.ARGUMENT)]


class KernelArgs(Transform):
    """Add and remove kernel arguments, in every boot entry and for the kernels to come."""

    example: ClassVar[str] = "kernel-args: {add: ['console=ttyS0,115200n8'], remove: [quiet, splash]}"

    kind: Literal["kernel-args"] = "kernel-args"
    add: tuple[Argument, ...] = ()
    """Arguments, a blank only inside double quotes. Each goes behind all others unless it is there already."""
    remove: tuple[Argument, ...] = ()
    """``quiet`` or ``console`` takes all arguments of that name, ``console=tty0`` that one; what is added stays."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.add and not self.remove:
            raise ValueError("give add, remove or both")
        both = next((one for one in self.add if any(cmdline.same(one, other) for other in self.remove)), None)
        if both:
            raise ValueError(f"{both} is both added and removed")
        return self

    def title(self) -> str:
        """Return what is added and removed."""
        changes = [*(f"+{argument}" for argument in self.add), *(f"-{argument}" for argument in self.remove)]
        return f"kernel-args {' '.join(changes)}"

    def apply(self, guest: Guest) -> None:
        """Edit the entries that are there, and the settings that their generators read; no program runs."""
        change_arguments(guest, self.add, self.remove, field="add" if self.add else "remove")
