"""The program that makes a guest's initramfs, and the argv that makes it for one kernel.

No argv leaves the kernel out: each of these programs would take the running one, which is the appliance's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imagekit.diagnostics import Problem
from imagekit.guest import edit
from imagekit.system.initramfs.images import images_of, package_base
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from imagekit.guest.facts import Family
    from imagekit.guest.protocol import Guest

Name = Literal["initramfs-tools", "dracut", "mkinitcpio", "mkinitfs"]

_PROGRAMS: dict[Name, str] = {
    "initramfs-tools": "update-initramfs",
    "dracut": "dracut",
    "mkinitcpio": "mkinitcpio",
    "mkinitfs": "mkinitfs",
}
_OWN: dict[Family, Name] = {
    "debian": "initramfs-tools",
    "rhel": "dracut",
    "suse": "dracut",
    "arch": "mkinitcpio",
    "alpine": "mkinitfs",
}
_UNSUPPORTED = {
    "booster": "booster",
    "mktirfs": "tiny-initramfs",
    "make-initrd": "make-initrd",
    "mkinitrd": "mkinitrd",
    "ugrd": "ugrd",
    "genkernel": "genkernel",
}
_FOLDERS = "/{usr/sbin,usr/bin,sbin,bin}"


@dataclass(frozen=True, slots=True)
class Generator:
    """What makes the initramfs of a guest: its name, and the guest path of its program."""

    name: Name
    program: str


def find_generator(guest: Guest) -> Generator | None:
    """Return what makes this guest's initramfs, the distribution's own before any other; None if nothing known does."""
    own = _OWN.get(guest.facts.family)
    for name in dict.fromkeys([*([own] if own else []), *_PROGRAMS]):
        found = guest.glob_expand(f"{_FOLDERS}/{_PROGRAMS[name]}")
        if found:
            return Generator(name, found[-1])
    return None


def generator_of(guest: Guest, field: str = "") -> Generator:
    """Return what makes this guest's initramfs.

    Raises:
        Problem: nothing that is supported does, at ``field``.
    """
    found = find_generator(guest)
    if found:
        return found
    other = next((name for program, name in _UNSUPPORTED.items() if guest.glob_expand(f"{_FOLDERS}/{program}")), None)
    supported = ", ".join(_PROGRAMS)
    if other:
        raise Problem(
            field,
            f"the initramfs of this image is made by {other}, which is not supported",
            why=f"supported are {supported}",
            code="IK-IRF-010",
        )
    raise Problem(
        field,
        "nothing in this image makes an initramfs",
        why=f"none of {supported} is installed",
        fix="install the distribution's own in an earlier step",
        code="IK-IRF-011",
    )


def commands(guest: Guest, generator: Generator, kernel: str, *, generic: bool) -> tuple[tuple[str, ...], ...]:
    """Return the argvs that make all images of one kernel.

    Args:
        guest: read, not changed.
        generator: what makes them.
        kernel: its version.
        generic: make them for any machine, whatever the guest's configuration says. Without it, dracut's hostonly
            mode and mkinitcpio's autodetect hook look at the machine they run on, which is the appliance. The other
            two have no switch for it: initramfs-tools has ``MODULES=`` in its configuration, mkinitfs never looks.
    """
    program, there = generator.program, images_of(guest, kernel)
    if generator.name == "initramfs-tools":
        return ((program, *_tools_mode(guest, there), "-k", kernel),)
    if generator.name == "mkinitfs":
        return ((program, kernel),)
    if generator.name == "dracut":
        hostonly = ("--no-hostonly", "--no-hostonly-cmdline") if generic else ()
        return tuple((program, "--force", *hostonly, path, kernel) for path in there or (_new_image(guest, kernel),))
    base = package_base(guest, kernel)
    if base and not generic and guest.is_file(f"/etc/mkinitcpio.d/{base}.preset", followsymlinks=True):
        return ((program, "-p", base),)
    skipped = ("-S", "autodetect") if generic else ()
    made = there or (f"/boot/initramfs-{base or kernel}.img",)
    return tuple((program, "-k", kernel, "-g", path, *skipped) for path in made)


def _tools_mode(guest: Guest, there: tuple[str, ...]) -> tuple[str, ...]:
    """Return how update-initramfs is to write: it takes ``-u`` for nothing where its configuration forbids updates.

    ``-t`` is what older versions need to replace an image by ``-c``; newer ones take it and do nothing by it.
    """
    if not there:
        return ("-c",)
    setting = read_text(guest, "/etc/initramfs-tools/update-initramfs.conf")
    return ("-c", "-t") if edit.value_of(setting, "update_initramfs") == "no" else ("-u",)


def _new_image(guest: Guest, kernel: str) -> str:
    """Return where an image goes that dracut never made before."""
    forms = {"debian": "initrd.img-{}", "suse": "initrd-{}"}
    return "/boot/" + forms.get(guest.facts.family, "initramfs-{}.img").format(kernel)
