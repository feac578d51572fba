"""SELinux: its mode, and the labels of what was written, set by the guest's own setfiles.

The appliance's kernel has no SELinux, so nothing that is made there gets a label, not even by rpm. setfiles(8) works
all the same: it looks up each path in the policy's file_contexts and sets the attribute security.selinux, which
needs no more than root. restorecon(8) ends at once on such a kernel, and chcon(1) refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from imagekit.diagnostics import Problem
from imagekit.guest import edit, fstab, paths
from imagekit.system import shell
from imagekit.system.bootloader.arguments import arguments, change_arguments
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.guest.protocol import Guest

Mode = Literal["enforcing", "permissive", "disabled"]

CONFIG = "/etc/selinux/config"
AT_BOOT = "/.autorelabel"
"""The file that has a guest relabel all of itself at its next boot, and restart: fixfiles(8)."""
LIST = "/.imagekit-relabel"
FOLDERS = "/.imagekit-relabel-folders"
_LABEL = "security.selinux"
_SETFILES = "/{usr/sbin,sbin,usr/bin}/setfiles"
_BOOT_TOOLS = (
    "/{usr/lib,lib}/systemd/system-generators/selinux-autorelabel-generator*",
    "/{usr/lib,lib}/systemd/rhel-autorelabel",
    "/usr/libexec/selinux/selinux-autorelabel",
    "/etc/init.d/selinux-autorelabel",
)
_UNLABELLED = frozenset({"vfat", "msdos", "exfat", "ntfs", "ntfs3", "iso9660", "udf"})
_LABELLED = ("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs")
_ON_DISK = " -o ".join(f"-fstype {name}" for name in _LABELLED)
# Two lists, since setfiles goes down into every folder that it is given.
_FIND = (
    f'exec find / ! \\( {_ON_DISK} \\) -prune -o -cmin "-$1" '
    '\\( -type d -fprint0 "$3" -o ! -path "$2" ! -path "$3" -fprint0 "$2" \\)'
)
_UNDONE: dict[Mode, tuple[str, ...]] = {
    "enforcing": ("selinux=0", "enforcing=0"),
    "permissive": ("selinux=0", "enforcing=1"),
    "disabled": ("selinux=1",),
}
"""Kernel arguments that would win over the mode in the configuration (kernel-parameters.rst, Linux)."""


def mode(guest: Guest) -> Mode:
    """Return the mode of selinux_config(5); ``disabled`` for a guest without SELinux."""
    value = (edit.value_of(read_text(guest, CONFIG), "SELINUX") or "").strip().lower()
    return "enforcing" if value == "enforcing" else "permissive" if value == "permissive" else "disabled"


def set_mode(guest: Guest, wanted: Mode, field: str = "mode") -> None:
    """Set the mode, and take away kernel arguments that say otherwise.

    Raises:
        Problem: the guest has no SELinux, at ``field``.
    """
    must_have_selinux(guest, field)
    text = read_text(guest, CONFIG)
    write_text(guest, CONFIG, edit.set_value(text, "SELINUX", wanted))
    against = [argument for argument in arguments(guest) if argument in _UNDONE[wanted]]
    if against:
        change_arguments(guest, remove=against, field=field)


def must_have_selinux(guest: Guest, field: str) -> None:
    """Raise a Problem at ``field`` if the guest has no SELinux."""
    if not guest.is_file(CONFIG, followsymlinks=True):
        raise Problem(
            field,
            "this image has no SELinux",
            why=f"there is no {CONFIG}",
            fix="install the policy in an earlier step, or leave this one to other images with when",
            code="IK-SEL-001",
        )


def relabel_at_boot(guest: Guest, field: str = "relabel") -> None:
    """Have the guest relabel all of itself at its next boot.

    Raises:
        Problem: nothing in the guest would, at ``field``.
    """
    must_have_selinux(guest, field)
    if not any(guest.glob_expand(pattern) for pattern in _BOOT_TOOLS):
        raise Problem(
            field,
            "nothing in this image relabels it at boot",
            why=f"no program that looks for {AT_BOOT} is installed",
            fix="install policycoreutils in an earlier step",
            code="IK-SEL-002",
        )
    guest.touch(AT_BOOT)


def needs_labels(guest: Guest) -> bool:
    """Tell whether labels are due: SELinux is on, and the guest does not set them all itself at its next boot."""
    return mode(guest) != "disabled" and not guest.exists(AT_BOOT)


def obstacle(guest: Guest) -> str:
    """Return why labels cannot be set in this guest; "" if they can."""
    if not guest.glob_expand(_SETFILES):
        return "it has no setfiles"
    contexts = _contexts(guest)
    if not read_text(guest, contexts).strip():
        return f"its policy has no {contexts}"
    return "" if guest.lgetxattr("/", _LABEL) else "it was never labelled, for its root has none"


def relabel(guest: Guest, changed: Iterable[str], *, minutes: int = 0) -> None:
    """Have the guest's setfiles label these paths as its policy says, and what else changed in the last minutes.

    Types that the policy calls customizable stay, as setfiles(8) leaves them. A folder that has a label keeps it, for
    setfiles would go down into it; below one without, all is new.

    Args:
        guest: whose ``obstacle`` is "".
        changed: guest paths; those that are gone, or on a file system that has no labels, are passed over.
        minutes: look at the whole tree for what changed since; 0 not to.

    Raises:
        CommandFailed: find or setfiles failed.
    """
    bare = [entry.file for entry in fstab.parse(read_text(guest, "/etc/fstab")) if entry.vfstype in _UNLABELLED]
    names = [path for path in sorted(set(changed)) if not any(_is_at(path, mount) for mount in bare)]
    with shell.temporary_file(guest, LIST, "", 0o600), shell.temporary_file(guest, FOLDERS, "", 0o600):
        if minutes:
            argv = ["/bin/sh", "-c", _FIND, "sh", str(minutes), LIST, FOLDERS]
            shell.run(guest, argv, title="find what has no label", good=(0, 1))
            names += _split(guest.read_file(FOLDERS))
        wanted = dict.fromkeys(path for path in names if not _has_its_label(guest, path))
        guest.write_append(LIST, "".join(f"{path}\0" for path in wanted))
        if guest.lstat(LIST).size:
            _setfiles(guest)


def _setfiles(guest: Guest) -> None:
    """Run setfiles on the list; ``-m`` has it take file systems that the kernel mounted without labels.

    Versions before 2.6 have no such option, and then only take the root's.
    """
    program = guest.glob_expand(_SETFILES)[-1]
    rest = ("-i", "-0", "-f", LIST, _contexts(guest))
    answer = guest.command([program, "-m", *rest])
    if answer.status and "invalid option" in answer.text:
        shell.run(guest, [program, *rest], title="setfiles")
    elif answer.status:
        raise shell.CommandFailed("setfiles", answer.status, shell.last_lines(answer.text))


def _contexts(guest: Guest) -> str:
    policy = (edit.value_of(read_text(guest, CONFIG), "SELINUXTYPE") or "").strip() or "targeted"
    return f"/etc/selinux/{policy}/contexts/files/file_contexts"


def _has_its_label(guest: Guest, path: str) -> bool:
    """Tell whether a path is a folder with a label."""
    return guest.is_dir(path) and guest.lgetxattr(path, _LABEL) is not None


def _is_at(path: str, mount: str) -> bool:
    return path == mount or paths.is_below(path, mount)


def _split(listed: bytes) -> list[str]:
    """Return the names in a list; one that is no UTF-8 is no guest path, and left out."""
    return [name.decode() for name in listed.split(b"\0") if name and name.decode(errors="ignore").encode() == name]
