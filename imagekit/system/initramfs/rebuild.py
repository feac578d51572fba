"""Making the initramfs of every kernel anew, with the guest's own program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest.kernels import installed_kernels
from imagekit.system import shell
from imagekit.system.initramfs.generator import commands, generator_of
from imagekit.system.initramfs.images import image_of, images_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.guest.protocol import Guest


def rebuild(
    guest: Guest, kernels: Iterable[str] | None = None, *, generic: bool = False, field: str = ""
) -> tuple[str, ...]:
    """Make the initramfs of each kernel that the guest has now, or of those given; return the images.

    Args:
        guest: whose program runs; the network stays off.
        kernels: versions; all that are installed unless given.
        generic: for any machine, not for the one that it is made on.
        field: where a Problem is told.

    Raises:
        Problem: nothing that is supported makes an initramfs here.
        CommandFailed: the program failed.
        NoInitramfs: it ended well, and made none.
    """
    versions = installed_kernels(guest) if kernels is None else tuple(kernels)
    if not versions:
        return ()
    generator = generator_of(guest, field)
    made = dict[str, None]()
    for kernel in versions:
        for argv in commands(guest, generator, kernel, generic=generic):
            shell.run(guest, argv, title=f"{generator.name} for kernel {kernel}")
        image_of(guest, kernel)
        made |= dict.fromkeys(images_of(guest, kernel))
    return tuple(made)
