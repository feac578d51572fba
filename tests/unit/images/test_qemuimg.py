from __future__ import annotations

import json
from pathlib import Path

import pytest

from imagekit.images.errors import CheckUnfinished, ImageInUse
from imagekit.images.qemuimg import CheckReport, Measure, QemuImg
from imagekit.process import ToolFailed, ToolMissing

IMAGE = Path("/images/a.qcow2")


def says(document):
    return f"echo '{json.dumps(document)}'"


def test_a_host_without_qemu_img_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolMissing, match="qemu-img"):
        QemuImg()


def test_every_call_tells_the_format(fake_qemu_img):
    calls = fake_qemu_img(says({"virtual-size": 1, "required": 2, "fully-allocated": 3}))
    qemu_img = QemuImg()

    qemu_img.check(IMAGE, "qcow2")
    qemu_img.virtual_size(IMAGE, "raw")
    qemu_img.measure(IMAGE, "qcow2", "raw")
    qemu_img.measure(IMAGE, "qcow2", "raw", in_use=True)
    qemu_img.create_overlay(Path("/w/o.qcow2"), 4096, IMAGE, "raw", "compat=1.1")

    assert calls() == [
        "check --output=json -f qcow2 /images/a.qcow2",
        "info --output=json -f raw /images/a.qcow2",
        "measure --output=json -f qcow2 -O raw /images/a.qcow2",
        "measure -U --output=json -f qcow2 -O raw /images/a.qcow2",
        "create -q -f qcow2 -F raw -b /images/a.qcow2 -o compat=1.1 /w/o.qcow2 4096",
    ]


def test_a_check_counts_what_is_wrong(fake_qemu_img):
    fake_qemu_img(says({"corruptions": 3, "leaks": 2, "check-errors": 1}) + "; exit 2")

    assert QemuImg().check(IMAGE, "qcow2") == CheckReport(corruptions=3, leaks=2, errors=1)


def test_a_sound_image_has_nothing_to_count(fake_qemu_img):
    fake_qemu_img(says({"check-errors": 0}))

    assert QemuImg().check(IMAGE, "qcow2") == CheckReport(0, 0, 0)


def test_sizes_are_read(fake_qemu_img):
    fake_qemu_img(says({"virtual-size": 1, "required": 2, "fully-allocated": 3}))

    assert QemuImg().virtual_size(IMAGE, "raw") == 1
    assert QemuImg().measure(IMAGE, "qcow2", "raw") == Measure(required=2, fully_allocated=3)


def test_a_lock_of_qemu_means_that_the_image_is_in_use(fake_qemu_img):
    fake_qemu_img("""echo 'qemu-img: Failed to get shared "write" lock' >&2; exit 1""")

    with pytest.raises(ImageInUse):
        QemuImg().check(IMAGE, "qcow2")


def test_the_last_line_of_a_failure_is_the_reason(fake_qemu_img):
    fake_qemu_img("echo 'qemu-img: one' >&2; echo 'qemu-img: Could not open it' >&2; exit 1")

    with pytest.raises(CheckUnfinished, match="Could not open it"):
        QemuImg().virtual_size(IMAGE, "qcow2")


def test_a_tool_that_was_ended_at_its_limits_is_explained(fake_qemu_img):
    fake_qemu_img("kill -9 $$")

    with pytest.raises(CheckUnfinished, match="signal 9, as happens at its limits"):
        QemuImg().check(IMAGE, "qcow2")


def test_a_silent_failure_tells_its_status(fake_qemu_img):
    fake_qemu_img("exit 5")

    with pytest.raises(CheckUnfinished, match="status 5"):
        QemuImg().check(IMAGE, "qcow2")


def test_a_look_at_an_image_writes_no_byte_to_any_file(fake_qemu_img, tmp_path):
    fake_qemu_img(f"trap '' XFSZ; echo byte >{tmp_path}/written; ulimit -f >&2; exit 1")

    with pytest.raises(CheckUnfinished, match=r"^qemu-img cannot check .*: 0$"):
        QemuImg().virtual_size(IMAGE, "qcow2")


def test_an_overlay_that_cannot_be_made_is_a_failed_tool(fake_qemu_img):
    fake_qemu_img("echo no >&2; exit 1")

    with pytest.raises(ToolFailed):
        QemuImg().create_overlay(Path("/w/o"), None, IMAGE, "raw", "")
