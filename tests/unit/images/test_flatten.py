from __future__ import annotations

import stat

import pytest

from imagekit.hostdisk import HostDiskFull
from imagekit.images.flatten import CompressionRefused, flatten
from imagekit.process import ToolFailed

MEASURE = """if test "$1" = measure; then echo '{"required": 1000, "fully-allocated": 2000}'; exit; fi"""


@pytest.fixture
def overlay(write):
    return write(b"overlay", "overlay.qcow2")


@pytest.fixture
def target(tmp_path):
    return tmp_path / "target"


def convert(calls):
    (line,) = (line for line in calls() if line.startswith("convert"))
    return line


def test_a_target_is_private_and_written_through_the_cache(overlay, target, fake_qemu_img):
    calls = fake_qemu_img(MEASURE)

    flatten(overlay, target)

    assert convert(calls).startswith("convert -p -t writeback -f qcow2 -O qcow2 -o compat=1.1")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_compression_is_asked_for_by_its_name(overlay, target, fake_qemu_img):
    calls = fake_qemu_img(MEASURE)

    flatten(overlay, target, compression="zstd")

    said = convert(calls)
    assert " -c -o compat=1.1" in said
    assert "compression_type=zstd" in said


def test_a_raw_target_takes_no_options(overlay, target, fake_qemu_img):
    calls = fake_qemu_img(MEASURE)

    flatten(overlay, target, format="raw")

    assert convert(calls) == f"convert -p -t writeback -f qcow2 -O raw {overlay} {target}"


def test_a_thin_target_keeps_its_base_by_path_and_format(overlay, target, info, write, fake_qemu_img):
    calls = fake_qemu_img(MEASURE)
    base = info(write(b"base", "base.img"), format="raw")

    flatten(overlay, target, thin_over=base)

    assert f" -B {base.path} -F raw " in convert(calls)


def test_an_overlay_that_is_in_use_is_read_without_a_lock(overlay, target, fake_qemu_img):
    calls = fake_qemu_img(MEASURE)

    flatten(overlay, target, in_use=True)

    assert convert(calls).startswith("convert -p -t writeback -U -f qcow2 ")


def test_raw_is_neither_compressed_nor_thin(overlay, target, info, fake_qemu_img):
    fake_qemu_img(MEASURE)

    with pytest.raises(CompressionRefused, match="zlib"):
        flatten(overlay, target, format="raw", compression="zlib")
    with pytest.raises(CompressionRefused):
        flatten(overlay, target, format="raw", thin_over=info(overlay))


def test_progress_is_passed_on_as_a_part_of_one(overlay, target, fake_qemu_img):
    fake_qemu_img(
        MEASURE
        + r"""
printf '    (0.00/100%%)\r    (50.25/100%%)\r'; printf '    (100.00/100%%)\r\n'"""
    )
    seen = []

    flatten(overlay, target, on_progress=seen.append)

    assert seen[-1] == 1.0
    assert all(0 <= part <= 1 for part in seen)


def test_too_little_room_is_told_before_anything_is_written(overlay, target, fake_qemu_img):
    calls = fake_qemu_img(f"""echo '{{"required": {1 << 60}, "fully-allocated": {1 << 61}}}'""")

    with pytest.raises(HostDiskFull) as caught:
        flatten(overlay, target)

    assert caught.value.needed == 1 << 60
    assert not target.exists()
    assert len(calls()) == 1


@pytest.mark.parametrize("said", ["No space left on device", "Disk quota exceeded"])
def test_a_disk_that_fills_up_meanwhile_is_told_and_the_rest_removed(overlay, target, fake_qemu_img, said):
    fake_qemu_img(f"{MEASURE}\necho 'qemu-img: error while writing: {said}' >&2; exit 1")

    with pytest.raises(HostDiskFull):
        flatten(overlay, target)
    assert not target.exists()


def test_another_failure_is_that_of_the_tool(overlay, target, fake_qemu_img):
    fake_qemu_img(f"{MEASURE}\necho 'qemu-img: Input/output error' >&2; exit 1")

    with pytest.raises(ToolFailed) as caught:
        flatten(overlay, target)

    assert "Input/output error" in caught.value.why
    assert not target.exists()


def test_a_target_never_grows_over_what_the_disk_can_take(overlay, target, fake_qemu_img):
    fake_qemu_img(f"{MEASURE}\nexec head -c 67200000 /dev/zero >{target}")

    with pytest.raises(ToolFailed) as caught:
        flatten(overlay, target)

    assert "wrote more than 64 MiB" in caught.value.why
    assert not target.exists()


def test_a_conversion_that_hangs_is_ended(overlay, target, fake_qemu_img):
    fake_qemu_img(f"{MEASURE}\nexec sleep 1000")

    with pytest.raises(ToolFailed, match="took too long"):
        flatten(overlay, target, seconds=0.1)
    assert not target.exists()


def test_a_listener_that_fails_leaves_no_target(overlay, target, fake_qemu_img):
    fake_qemu_img(
        MEASURE
        + r"""
printf '    (0.00/100%%)\r'; exec sleep 1000"""
    )

    def interrupted(part):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        flatten(overlay, target, on_progress=interrupted)
    assert not target.exists()


def test_a_target_that_is_there_is_not_overwritten(overlay, fake_qemu_img):
    fake_qemu_img(MEASURE)

    with pytest.raises(FileExistsError):
        flatten(overlay, overlay)

    assert overlay.read_bytes() == b"overlay"
