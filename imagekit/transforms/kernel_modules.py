"""The kernel-modules transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import StringConstraints, model_validator

from imagekit.system import kernelmodules
from imagekit.system.initramfs import kmod
from imagekit.transform import Transform

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

Name = Annotated[str, StringConstraints(pattern=kmod.NAME)]


class KernelModules(Transform):
    """Have kernel modules loaded at boot, denied, or put into the initramfs."""

    example: ClassVar[str] = "kernel-modules: {load: [br_netfilter], deny: [floppy], initramfs: [virtio_scsi]}"
    opaque: ClassVar[bool] = True

    kind: Literal["kernel-modules"] = "kernel-modules"
    load: tuple[Name, ...] = ()
    """Modules that are loaded at every boot, whether a device asks for them or not."""
    deny: tuple[Name, ...] = ()
    """Modules that are never loaded, not even by name. Every initramfs is made anew, since it has a copy of the rule."""
    initramfs: tuple[Name, ...] = ()
    """Modules that are there before the root is mounted; an initramfs is made anew only if it lacks one."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.load or self.deny or self.initramfs):
            raise ValueError("give load, deny or initramfs")
        denied = set(map(kmod.normal, self.deny))
        both = next((name for name in (*self.load, *self.initramfs) if kmod.normal(name) in denied), None)
        if both:
            raise ValueError(f"{both} is denied and asked for")
        return self

    def title(self) -> str:
        """Return the modules, those that are denied with a minus."""
        names = dict.fromkeys((*self.load, *self.initramfs, *(f"-{name}" for name in self.deny)))
        return f"kernel-modules {' '.join(names)}"

    def apply(self, guest: Guest) -> None:
        """Write the lists of modules; the guest's own generator makes the initramfs, where that is needed."""
        kernelmodules.check_available(guest, self.load, "load")
        kernelmodules.check_available(guest, self.initramfs, "initramfs")
        kernelmodules.load_at_boot(guest, self.load)
        denied = kernelmodules.deny(guest, self.deny)
        kernelmodules.put_into_initramfs(guest, self.initramfs, "initramfs" if self.initramfs else "deny", anew=denied)
