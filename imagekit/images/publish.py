"""Put a finished file in its place: whole or not at all, flushed to the disk, never over something by accident."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.errors import HostError, SpecError
from imagekit.hostdisk import HostDiskFull, flush

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.images.info import ImageInfo

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_libc = ctypes.CDLL(None, use_errno=True)
_NOT_SUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM)


class OutputExists(SpecError):
    """Something is at the output's path, and was not to be replaced."""

    code = "IK-PUB-001"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} exists", why="an output never replaces a file unasked", fix="add --force, or take -o")


class OutputIsInput(SpecError):
    """The output would replace the base, or a file that the base builds on."""

    code = "IK-PUB-002"

    def __init__(self, path: Path, base: Path) -> None:
        self.path = path
        self.base = base
        super().__init__(
            f"the output {path} is {base} itself",
            why="the base is never written to",
            fix="take another name with -o, or replace the base on purpose with --in-place",
        )


class OutputNotAFile(SpecError):
    """A directory, a device or a pipe is at the output's path."""

    code = "IK-PUB-003"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} exists and is no regular file", fix="take another name with -o")


class CannotPublish(HostError):
    """The host would not take the finished file."""

    code = "IK-PUB-005"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot put {path} in its place: {reason}", why="nothing was published")


class CannotReplaceBase(HostError):
    """The base cannot be replaced in place as it is: by its kind, or because its owner could not be kept."""

    code = "IK-PUB-006"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot replace {path} in place: {reason}", fix="write a new image with -o")


def receipt_beside(output: Path) -> Path:
    """Return where the receipt of an output stands: ``OUT.receipt.json``."""
    return output.with_name(f"{output.name}.receipt.json")


def check_output(output: Path, base: ImageInfo, *, force: bool = False) -> None:
    """Refuse an output before any work is done for it.

    Raises:
        OutputIsInput: it is the base or a file below it, by whatever name or link.
        OutputNotAFile: something else than a regular file is there.
        OutputExists: a file is there, and ``force`` is not set.
    """
    if not os.path.lexists(output):
        return
    with contextlib.suppress(OSError):  # a dangling link is no input
        found = output.stat()
        if (found.st_dev, found.st_ino) == (base.device, base.inode):
            raise OutputIsInput(output, base.path)
        for below in base.backing:
            if below.samefile(output):
                raise OutputIsInput(output, below)
    if not stat.S_ISREG(output.lstat().st_mode) and not output.is_symlink():
        raise OutputNotAFile(output)
    if not force:
        raise OutputExists(output)


def publish(temp: Path, output: Path, *, force: bool = False, secret: bool = False) -> None:
    """Flush a finished file and rename it to its output; both are on one file system.

    Its mode is 0666 less the umask, or 0600 with ``secret``. With ``force`` an output that is there is replaced at
    once, after its old receipt was withdrawn: a receipt never stands beside an image that it does not describe.

    Raises:
        OutputExists: something is there and ``force`` is not set; it is left alone.
        OutputNotAFile: something else than a regular file is there.
        HostDiskFull, CannotPublish: the host refuses; the output is as it was.
    """
    with _explained(output):
        temp.chmod(0o600 if secret else 0o666 & ~_umask())
        flush(temp)
        if force:
            if output.is_dir() and not output.is_symlink():
                raise OutputNotAFile(output)
            receipt_beside(output).unlink(missing_ok=True)
            flush(output.parent)
            temp.replace(output)
        else:
            _rename_to_free_name(temp, output)
        flush(output.parent)


def publish_in_place(temp: Path, base: ImageInfo, *, secret: bool = False) -> None:
    """Replace the base at once by a finished file on its file system, with the base's owner, mode and attributes.

    With ``secret`` only the owner may read it from then on.

    Other hard links to the base keep the old content. The caller has made sure that the base did not change.

    Raises:
        CannotReplaceBase: it is a block device, or this user cannot keep its owner.
        HostDiskFull, CannotPublish: the host refuses; the base is as it was.
    """
    with _explained(base.path):
        old = base.path.stat()
        if not stat.S_ISREG(old.st_mode):
            raise CannotReplaceBase(base.path, "it is no regular file")
        try:
            os.chown(temp, old.st_uid, old.st_gid)
        except PermissionError as refused:
            raise CannotReplaceBase(base.path, f"only root can give a file to user {old.st_uid}") from refused
        _copy_attributes(base.path, temp)
        temp.chmod(0o600 if secret else stat.S_IMODE(old.st_mode))
        flush(temp)
        receipt_beside(base.path).unlink(missing_ok=True)
        flush(base.path.parent)
        temp.replace(base.path)
        flush(base.path.parent)


def write_receipt_file(text: str, path: Path, *, workspace: Path) -> None:
    """Write a receipt, last of all: it is the commit mark. It appears whole, in place of an older one.

    Args:
        text: the receipt.
        path: where it stands; see ``receipt_beside``.
        workspace: a private folder on the same file system, where it is written first.

    Raises:
        HostDiskFull, CannotPublish: the host refuses; nothing is at ``path`` that was not there before.
    """
    temp = workspace / "receipt.json"
    with _explained(path):
        temp.write_text(text, encoding="utf-8")
        temp.chmod(0o666 & ~_umask())
        flush(temp)
        temp.replace(path)
        flush(path.parent)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        if refused.errno in (errno.ENOSPC, errno.EDQUOT):
            raise HostDiskFull(path.parent, 0, shutil.disk_usage(path.parent).free) from refused
        raise CannotPublish(path, refused.strerror or str(refused)) from refused


def _rename_to_free_name(temp: Path, output: Path) -> None:
    """Rename only if nothing has the new name: renameat2(2), else link(2), else look and rename.

    The last is for file systems without either (vfat, some of FUSE); between runs of imagekit the lock on the
    output's name keeps it safe.
    """
    try:
        try:
            _renameat2(temp, output)
        except OSError as refused:
            if refused.errno not in _NOT_SUPPORTED:
                raise
            _link_to_free_name(temp, output)
    except FileExistsError as taken:
        raise OutputExists(output) from taken


def _renameat2(temp: Path, output: Path) -> None:
    renameat2 = getattr(_libc, "renameat2", None)
    if renameat2 is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if renameat2(_AT_FDCWD, os.fsencode(temp), _AT_FDCWD, os.fsencode(output), _RENAME_NOREPLACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(output))


def _link_to_free_name(temp: Path, output: Path) -> None:
    try:
        os.link(temp, output)
    except OSError as refused:
        if refused.errno not in _NOT_SUPPORTED:
            raise
        if os.path.lexists(output):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(output)) from refused
        temp.rename(output)
    else:
        temp.unlink()


def _copy_attributes(source: Path, target: Path) -> None:
    """Copy extended attributes, access lists and labels among them, as far as this user may."""
    with contextlib.suppress(OSError):
        for name in os.listxattr(source):
            with contextlib.suppress(OSError):
                os.setxattr(target, name, os.getxattr(source, name))


def _umask() -> int:
    """Return the umask without setting it, which would race with other threads; proc(5), since Linux 4.7."""
    status = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^Umask:\s*([0-7]+)", status, re.MULTILINE)
    return int(found[1], 8) if found else 0o077
