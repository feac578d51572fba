from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st
from oslo_utils.imageutils import format_inspector

from imagekit.errors import ImageError
from imagekit.images import errors
from imagekit.images.qcow2 import read_header
from imagekit.images.safety import ImageLimits, check_chain, check_file

LIMITS = ImageLimits()
BACKING_FORMAT = 0xE2792ACA


def check(path, **options):
    return check_file(path, limits=LIMITS, **options)


def over(qcow2, backing, format_name=b"qcow2"):
    extensions = [(BACKING_FORMAT, format_name)] if format_name else []
    return qcow2(backing=os.fsencode(backing), extensions=extensions)


def test_a_sound_qcow2_is_known_by_its_header_whatever_its_name(qcow2, write):
    checked = check(write(qcow2(), "disk.raw"))

    assert (checked.format, checked.virtual_size) == ("qcow2", 65536)


def test_a_disk_without_a_header_is_raw(write):
    checked = check(write(bytes(4096), "disk.img"))

    assert (checked.format, checked.virtual_size, checked.header) == ("raw", 4096, None)


def test_a_partitioned_disk_is_raw(write):
    table = bytes(446) + bytes([0x80, 0, 2, 0, 0x83, 0, 0, 0]) + struct.pack("<II", 1, 7) + bytes(48) + b"\x55\xaa"

    assert check(write(table + bytes(3584))).format == "raw"


def test_a_qcow2_header_inside_a_disk_said_to_be_raw_stays_raw(qcow2, write):
    checked = check(write(qcow2(backing=b"/etc/shadow")), format="raw")

    assert (checked.format, checked.virtual_size, checked.header) == ("raw", 2048, None)


def test_a_raw_disk_said_to_be_qcow2_is_refused(write):
    with pytest.raises(errors.HeaderInvalid):
        check(write(bytes(4096)), format="qcow2")


def test_a_link_to_an_image_is_followed_and_its_real_path_kept(qcow2, write, tmp_path):
    real = write(qcow2())
    link = tmp_path / "link"
    link.symlink_to(real.name)

    assert check(link).path == real


def test_what_is_not_there_is_not_found(tmp_path):
    (tmp_path / "dangling").symlink_to("nowhere")

    for name in ("none.qcow2", "dangling", "dangling/below"):
        with pytest.raises(errors.ImageNotFound):
            check(tmp_path / name)


def test_links_in_a_circle_are_unreadable(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")

    with pytest.raises(errors.ImageUnreadable):
        check(tmp_path / "a")


def test_a_folder_is_refused_by_name(tmp_path):
    with pytest.raises(errors.NotAnImageFile, match="directory"):
        check(tmp_path)


def test_a_pipe_is_refused_without_being_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(errors.NotAnImageFile, match="pipe"):
        check(tmp_path / "pipe")


def test_a_character_device_is_refused(tmp_path):
    with pytest.raises(errors.NotAnImageFile, match="character device"):
        check(tmp_path.joinpath("/dev/zero"))


def test_an_empty_file_is_refused(write):
    with pytest.raises(errors.ImageEmpty):
        check(write(b""))


def test_a_raw_disk_of_no_whole_sectors_is_refused(write):
    with pytest.raises(errors.BadVirtualSize):
        check(write(bytes(1000)))


def test_a_qcow2_without_a_disk_is_refused(qcow2, write):
    with pytest.raises(errors.BadVirtualSize):
        check(write(qcow2(size=0)))


def test_a_huge_disk_in_a_tiny_file_is_refused(qcow2, write):
    image = qcow2(cluster_bits=21, size=1 << 60, l1_size=(1 << 60) >> 39, l1_offset=1 << 21, refcount_offset=1 << 21)
    path = write(image)
    os.truncate(path, 64 << 20)

    with pytest.raises(errors.ImageTooLarge) as caught:
        check(path)

    assert caught.value.virtual_size == 1 << 60


def test_the_limit_of_the_disk_may_be_set(write):
    with pytest.raises(errors.ImageTooLarge):
        check_file(write(bytes(1024)), limits=ImageLimits(virtual_size=512))


def test_a_foreign_format_is_refused_by_its_name(write):
    with pytest.raises(errors.FormatUnsupported, match="VHDX") as caught:
        check(write(b"vhdxfile" + bytes(4088)))

    assert "qemu-img convert" in caught.value.fix


def test_a_file_that_reads_as_two_formats_is_refused(qcow2, write):
    image = bytearray(qcow2())
    image[510:512] = b"\x55\xaa"

    with pytest.raises(errors.FormatDisputed):
        check(write(bytes(image)))


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    "name",
    [
        b"/etc/shadow",
        b"../../etc/shadow",
        b"json:{}",
        b'json:{"driver":"file","filename":"/etc/shadow"}',
        b"nbd:127.0.0.1:10809",
        b"file:/etc/shadow",
        b"ssh://host/x",
        b"image.qcow2",
        b"missing",
    ],
)
def test_a_backing_file_that_was_not_allowed_is_refused(qcow2, write, version, name):
    path = write(qcow2(version=version, backing=name, extensions=[(BACKING_FORMAT, b"raw")]))

    with pytest.raises(errors.BackingFileRefused) as caught:
        check_chain(path, limits=LIMITS)

    assert caught.value.backing == name.decode()


@pytest.mark.parametrize("name", [b"json:{}", b"nbd:unix:/x", b"file:base.qcow2", b":x"])
def test_a_protocol_is_refused_even_if_its_folder_is_allowed(qcow2, write, tmp_path, name):
    write(qcow2(), name.decode().replace("/", "_"))
    path = write(over(qcow2, name.decode()), "top.qcow2")

    with pytest.raises(errors.BackingFileRefused, match="builds on") as caught:
        check_chain(path, allow_backing=[tmp_path], limits=LIMITS)

    assert "protocol" in caught.value.why


def test_an_allowed_chain_is_checked_to_its_end(qcow2, write, tmp_path):
    base = write(bytes(65536), "base.img")
    middle = write(over(qcow2, "base.img", b"raw"), "middle.qcow2")
    top = write(over(qcow2, middle), "top.qcow2")

    chain = check_chain(top, allow_backing=[tmp_path], limits=LIMITS)

    assert [(one.path, one.format) for one in chain] == [(top, "qcow2"), (middle, "qcow2"), (base, "raw")]


def test_a_backing_file_may_be_allowed_by_its_own_name(qcow2, write):
    base = write(qcow2(), "base.qcow2")
    top = write(over(qcow2, base), "top.qcow2")

    assert len(check_chain(top, allow_backing=[base], limits=LIMITS)) == 2


def test_a_link_does_not_lead_out_of_an_allowed_folder(qcow2, write, tmp_path):
    (tmp_path / "allowed").mkdir()
    outside = write(qcow2(), "outside.qcow2")
    (tmp_path / "allowed" / "base.qcow2").symlink_to(outside)
    top = write(over(qcow2, "allowed/base.qcow2"), "top.qcow2")

    with pytest.raises(errors.BackingFileRefused):
        check_chain(top, allow_backing=[tmp_path / "allowed"], limits=LIMITS)


def test_a_backing_format_that_is_not_told_is_refused(qcow2, write, tmp_path):
    write(qcow2(), "base.qcow2")
    top = write(over(qcow2, "base.qcow2", None), "top.qcow2")

    with pytest.raises(errors.BackingFileRefused) as caught:
        check_chain(top, allow_backing=[tmp_path], limits=LIMITS)

    assert "not told" in caught.value.why


def test_a_backing_file_is_judged_as_the_image_is(qcow2, write, tmp_path):
    write(qcow2(incompatible=4), "base.qcow2")
    top = write(over(qcow2, "base.qcow2"), "top.qcow2")

    with pytest.raises(errors.DataFileRefused):
        check_chain(top, allow_backing=[tmp_path], limits=LIMITS)


def test_a_chain_that_comes_back_to_itself_is_refused(qcow2, write, tmp_path):
    write(over(qcow2, "b.qcow2"), "a.qcow2")
    write(over(qcow2, "a.qcow2"), "b.qcow2")

    with pytest.raises(errors.ChainTooDeep):
        check_chain(tmp_path / "a.qcow2", allow_backing=[tmp_path], limits=LIMITS)


def test_a_chain_over_the_limit_is_refused(qcow2, write, tmp_path):
    write(qcow2(), "0.qcow2")
    for number in range(1, 10):
        write(over(qcow2, f"{number - 1}.qcow2"), f"{number}.qcow2")

    assert len(check_chain(tmp_path / "8.qcow2", allow_backing=[tmp_path], limits=LIMITS)) == 9
    with pytest.raises(errors.ChainTooDeep):
        check_chain(tmp_path / "9.qcow2", allow_backing=[tmp_path], limits=LIMITS)


def objections_of_oslo(image: bytes) -> set[str]:
    """What the inspector of OpenStack has against an image, less what it is known to err in."""
    wrapper = format_inspector.InspectWrapper(io.BytesIO(image))
    while wrapper.read(4096):
        pass
    wrapper.close()
    try:
        wrapper.format.safety_check()
    except format_inspector.SafetyCheckFailed as refused:
        return set(refused.failures)
    except format_inspector.ImageFormatError as refused:
        return {str(refused)}
    return set()


mutations = st.lists(st.tuples(st.integers(4, 160), st.integers(0, 255)), max_size=4)
bits = st.lists(st.tuples(st.integers(72, 79), st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128])), max_size=3)


@settings(max_examples=500, deadline=None)
@given(version=st.sampled_from([2, 3]), changes=mutations, features=bits)
@example(version=3, changes=[], features=[(79, 4)])
@example(version=2, changes=[], features=[(79, 4)])
@example(version=3, changes=[(15, 200)], features=[])
def test_no_mutated_header_is_accepted_that_the_inspector_of_openstack_refuses(qcow2, version, changes, features):
    image = bytearray(qcow2(version=version))
    for offset, value in [*changes, *features]:
        image[offset] = value

    try:
        header = read_header(Path("mutated"), bytes(image), len(image))
    except ImageError:
        return
    known = {"backing_file"} if header.backing else set()
    known |= {"data_file"} if header.version == 2 else set()

    assert objections_of_oslo(bytes(image)) <= known


@pytest.mark.parametrize("backing_format", [b"qcow2", b"raw"])
def test_an_overlay_of_version_2_is_not_taken_for_one_with_a_data_file(qcow2, write, tmp_path, backing_format):
    """The length of the word qcow2 stands where version 3 has its feature bits."""
    base = write(qcow2(), "base")
    top = write(qcow2(version=2, backing=b"base", extensions=[(BACKING_FORMAT, backing_format)]), "top")

    chain = check_chain(top, allow_backing=[base], limits=LIMITS)

    assert [one.format for one in chain] == ["qcow2", backing_format.decode()]
