from __future__ import annotations

import stat

import pytest

from imagekit.images.overlay import BaseNameTooLong, ShrinkRefused, create_overlay


def test_an_overlay_names_the_format_of_its_base_and_is_private(write, info, tmp_path, fake_qemu_img):
    calls = fake_qemu_img("")
    base = info(write(b"base"), format="raw")

    create_overlay(base, tmp_path / "overlay.qcow2", size=1 << 20)

    (said,) = calls()
    assert f"-F raw -b {base.path} " in said
    assert "lazy_refcounts=off" in said
    assert stat.S_IMODE((tmp_path / "overlay.qcow2").stat().st_mode) == 0o600


def test_an_overlay_is_never_smaller_than_its_base(write, info, tmp_path):
    with pytest.raises(ShrinkRefused):
        create_overlay(info(write(b"base")), tmp_path / "overlay.qcow2", size=512)


def test_a_base_whose_path_does_not_fit_into_the_header_is_refused(write, info, tmp_path):
    base = info(write(b"base")).model_copy(update={"path": tmp_path / ("x" * 1024)})

    with pytest.raises(BaseNameTooLong):
        create_overlay(base, tmp_path / "overlay.qcow2")


def test_a_file_that_is_there_is_not_overwritten(write, info, tmp_path):
    base = info(write(b"base"))

    with pytest.raises(FileExistsError):
        create_overlay(base, base.path)

    assert base.path.read_bytes() == b"base"
