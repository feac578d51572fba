from __future__ import annotations

import hashlib
import os

import pytest
from pydantic import ValidationError

from imagekit.images.errors import BaseChanged, CheckUnfinished, DataFileRefused, FormatDisputed, ImageCorrupt
from imagekit.images.info import inspect_image, recheck, sha256_file


def test_an_unchanged_base_passes(write, info):
    recheck(info(write(b"base")))


def test_a_base_that_was_replaced_is_told_apart_by_its_inode(write, info, tmp_path):
    base = info(write(b"base"))
    other = write(b"base", "other")
    os.utime(other, ns=(base.mtime_ns, base.mtime_ns))
    other.replace(base.path)

    with pytest.raises(BaseChanged, match="another file"):
        recheck(base)


def test_a_base_that_grew_is_noticed(write, info):
    base = info(write(b"base"))
    with base.path.open("ab") as opened:
        opened.write(b"more")
    os.utime(base.path, ns=(base.mtime_ns, base.mtime_ns))

    with pytest.raises(BaseChanged, match="4 bytes and has 8"):
        recheck(base)


def test_a_base_that_was_emptied_is_noticed(write, info):
    base = info(write(b"base"))
    os.truncate(base.path, 0)
    os.utime(base.path, ns=(base.mtime_ns, base.mtime_ns))

    with pytest.raises(BaseChanged):
        recheck(base)


def test_a_base_that_was_written_to_is_noticed(write, info):
    base = info(write(b"base"))
    os.utime(base.path, ns=(base.mtime_ns + 1, base.mtime_ns + 1))

    with pytest.raises(BaseChanged, match="something wrote"):
        recheck(base)


def test_a_base_that_is_gone_is_noticed(write, info):
    base = info(write(b"base"))
    base.path.unlink()

    with pytest.raises(BaseChanged, match="No such file"):
        recheck(base)


def test_the_digest_is_that_of_the_bytes(write, info):
    path = write(b"content")

    assert sha256_file(path) == info(path).digest() == hashlib.sha256(b"content").hexdigest()


def test_an_info_cannot_be_changed(write, info):
    with pytest.raises(ValidationError):
        info(write(b"x")).format = "raw"


def test_a_refused_image_never_reaches_qemu_img(qcow2, write, fake_qemu_img):
    calls = fake_qemu_img("exit 0")

    with pytest.raises(DataFileRefused):
        inspect_image(write(qcow2(incompatible=4)))
    assert calls() == []


def test_a_raw_disk_has_no_metadata_to_check(write, fake_qemu_img):
    calls = fake_qemu_img("""echo '{"virtual-size": 4096}'""")
    path = write(bytes(4096))

    found = inspect_image(str(path))

    assert (found.format, found.virtual_size, found.cluster_size) == ("raw", 4096, None)
    assert calls() == [f"info --output=json -f raw {path}"]


@pytest.mark.parametrize(
    ("report", "refusal"),
    [
        ('{"corruptions": 1}', ImageCorrupt),
        ('{"check-errors": 1}', CheckUnfinished),
        ('{"virtual-size": 1024}', FormatDisputed),
    ],
)
def test_what_qemu_img_finds_refuses_the_image(qcow2, write, fake_qemu_img, report, refusal):
    fake_qemu_img(f"echo '{report}'")

    with pytest.raises(refusal):
        inspect_image(write(qcow2()))


def test_leaks_are_only_counted(qcow2, write, fake_qemu_img):
    fake_qemu_img("""echo '{"leaks": 7, "virtual-size": 65536}'; test $1 = info || exit 3""")

    assert inspect_image(write(qcow2())).leaked_clusters == 7
