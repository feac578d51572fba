from __future__ import annotations

from pathlib import Path

import pytest

from imagekit.errors import HostError, ImageError, ImagekitError
from imagekit.images import errors

A = Path("/images/a.qcow2")
EVERY = [
    errors.ImageNotFound(A),
    errors.ImageUnreadable(A, "Permission denied"),
    errors.NotAnImageFile(A, "pipe"),
    errors.ImageEmpty(A),
    errors.FormatUnsupported(A, "VMDK"),
    errors.BackingFileRefused(A, "/etc/shadow"),
    errors.DataFileRefused(A),
    errors.ImageEncrypted(A),
    errors.UnknownFeatures(A, (5, 9)),
    errors.MarkedCorrupt(A),
    errors.LeftDirty(A),
    errors.ImageTooLarge(A, 1 << 60, 1 << 40),
    errors.BadVirtualSize(A, 513),
    errors.HeaderInvalid(A, "version 9"),
    errors.ImageTruncated(A, "L1 table", 4096, 512),
    errors.ImageCorrupt(A, 3),
    errors.CheckUnfinished(A, "it took too long"),
    errors.FormatDisputed(A, "qcow2", "iso"),
    errors.ChainTooDeep(A, 8),
    errors.BaseChanged(A, "another file took its place"),
    errors.ImageInUse(A),
]


def test_every_class_of_the_module_is_in_the_list():
    classes = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, ImagekitError)}

    assert classes - {ImageError, HostError} == {type(one) for one in EVERY}


def test_codes_are_unique():
    assert len({one.code for one in EVERY}) == len(EVERY)


@pytest.mark.parametrize("error", EVERY, ids=lambda one: type(one).__name__)
def test_each_error_names_the_file_and_says_why_or_what_to_do(error):
    assert str(A) in error.message
    assert error.why or error.fix


def test_an_archive_is_to_be_unpacked_and_an_installer_is_not_to_be_converted():
    archive = errors.FormatUnsupported(A, "compressed (xz)", unpack=True)
    installer = errors.FormatUnsupported(A, "an ISO 9660 image", convertible=False)

    assert "unpack" in archive.fix
    assert "qemu-img convert" not in installer.fix
