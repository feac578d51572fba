from __future__ import annotations

from pathlib import Path

import pytest

from imagekit.images import errors
from imagekit.images.qcow2 import read_header

HERE = Path("image.qcow2")
BACKING_FORMAT, DATA_FILE, ENCRYPTION = 0xE2792ACA, 0x44415441, 0x0537BE77


def test_a_sound_header_tells_size_cluster_and_version(qcow2):
    image = qcow2()

    header = read_header(HERE, image, len(image))

    assert (header.virtual_size, header.cluster_size, header.compat) == (65536, 512, "1.1")
    assert (header.backing, header.backing_format, header.snapshots) == ("", "", 0)


def test_version_2_has_no_feature_field_so_the_same_bytes_mean_nothing_there(qcow2):
    image = qcow2(version=2, extensions=[(BACKING_FORMAT, b"\0\0\0\4")])

    header = read_header(HERE, image, len(image))

    assert header.compat == "0.10"


@pytest.mark.parametrize("version", [2, 3])
def test_the_backing_name_and_its_format_are_read(qcow2, version):
    image = qcow2(version=version, backing=b"base.raw", extensions=[(BACKING_FORMAT, b"raw")])

    header = read_header(HERE, image, len(image))

    assert (header.backing, header.backing_format) == ("base.raw", "raw")


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"incompatible": 1 << 0}, errors.LeftDirty),
        ({"incompatible": 1 << 1}, errors.MarkedCorrupt),
        ({"incompatible": 1 << 2}, errors.DataFileRefused),
        ({"incompatible": 1 << 5}, errors.UnknownFeatures),
        ({"incompatible": 1 << 63}, errors.UnknownFeatures),
        ({"crypt_method": 1}, errors.ImageEncrypted),
        ({"crypt_method": 2}, errors.ImageEncrypted),
        ({"version": 1}, errors.FormatUnsupported),
        ({"version": 4}, errors.HeaderInvalid),
        ({"cluster_bits": 8}, errors.HeaderInvalid),
        ({"cluster_bits": 22}, errors.HeaderInvalid),
        ({"cluster_bits": 0xFFFFFFFF}, errors.HeaderInvalid),
        ({"refcount_order": 7}, errors.HeaderInvalid),
        ({"header_length": 100}, errors.HeaderInvalid),
        ({"header_length": 105}, errors.HeaderInvalid),
        ({"header_length": 0xFFFFFFF8}, errors.HeaderInvalid),
        ({"compression": 1}, errors.HeaderInvalid),
        ({"incompatible": 1 << 3}, errors.HeaderInvalid),
        ({"incompatible": 1 << 3, "compression": 2}, errors.HeaderInvalid),
        ({"incompatible": 1 << 4}, errors.HeaderInvalid),
        ({"l1_size": 1}, errors.HeaderInvalid),
        ({"l1_size": 0xFFFFFFFF}, errors.HeaderInvalid),
        ({"size": (1 << 64) - 512}, errors.HeaderInvalid),
        ({"l1_offset": 0}, errors.HeaderInvalid),
        ({"l1_offset": 700}, errors.HeaderInvalid),
        ({"l1_offset": 1 << 40}, errors.ImageTruncated),
        ({"refcount_clusters": 0}, errors.HeaderInvalid),
        ({"refcount_clusters": 0xFFFFFFFF}, errors.HeaderInvalid),
        ({"refcount_offset": 513}, errors.HeaderInvalid),
        ({"refcount_offset": 1 << 62}, errors.ImageTruncated),
        ({"snapshots": 70000, "snapshots_offset": 512}, errors.HeaderInvalid),
        ({"snapshots": 1, "snapshots_offset": 1 << 20}, errors.ImageTruncated),
        ({"backing_offset": 1 << 40, "backing_size": 5}, errors.BackingFileRefused),
        ({"backing_offset": 200, "backing_size": 0}, errors.BackingFileRefused),
        ({"backing_offset": 200, "backing_size": 5000}, errors.BackingFileRefused),
        ({"backing_offset": 8, "backing_size": 5}, errors.BackingFileRefused),
    ],
)
def test_a_field_out_of_its_range_is_refused_by_its_own_class(qcow2, fields, refusal):
    image = qcow2(**fields)

    with pytest.raises(refusal) as caught:
        read_header(HERE, image, len(image))

    assert type(caught.value) is refusal


def test_a_backing_name_that_is_no_text_is_refused(qcow2):
    image = qcow2(backing=b"\xff\xfe")

    with pytest.raises(errors.BackingFileRefused):
        read_header(HERE, image, len(image))


@pytest.mark.parametrize("version", [2, 3])
def test_the_name_of_a_data_file_is_refused_even_without_its_feature_bit(qcow2, version):
    image = qcow2(version=version, extensions=[(DATA_FILE, b"/etc/shadow")])

    with pytest.raises(errors.DataFileRefused):
        read_header(HERE, image, len(image))


def test_a_pointer_to_an_encryption_header_is_refused(qcow2):
    image = qcow2(extensions=[(ENCRYPTION, bytes(16))])

    with pytest.raises(errors.ImageEncrypted):
        read_header(HERE, image, len(image))


def test_an_extension_that_leaves_the_first_cluster_is_refused(qcow2):
    image = bytearray(qcow2(extensions=[(0x6803F857, b"")]))
    image[116:120] = b"\xff\xff\xff\xff"

    with pytest.raises(errors.HeaderInvalid, match="leaves the first cluster"):
        read_header(HERE, bytes(image), len(image))


def test_extensions_without_end_are_refused(qcow2):
    image = qcow2(cluster_bits=12, l1_offset=4096, refcount_offset=4096) + bytes(1 << 16)
    image = image[:112] + b"\x12\x34\x56\x78\0\0\0\0" * 100 + image[912:]

    with pytest.raises(errors.HeaderInvalid, match="more than 64"):
        read_header(HERE, image, len(image))


def test_an_unknown_extension_is_skipped_as_the_specification_asks(qcow2):
    image = qcow2(extensions=[(0x12345678, b"something"), (BACKING_FORMAT, b"qcow2")])

    assert read_header(HERE, image, len(image)).backing_format == "qcow2"


@pytest.mark.parametrize("length", [4, 71, 103])
def test_a_header_that_is_cut_short_is_called_truncated(qcow2, length):
    image = qcow2()[:length]

    with pytest.raises(errors.ImageTruncated):
        read_header(HERE, image, len(image))


def test_a_last_cluster_that_is_not_filled_up_is_no_truncation(qcow2):
    image = qcow2()[: 3 * 512 + 16]

    assert read_header(HERE, image, len(image)).virtual_size == 65536


def test_extended_l2_entries_need_twice_the_l1_table(qcow2):
    image = qcow2(incompatible=1 << 4, cluster_bits=14, l1_offset=1 << 14, refcount_offset=1 << 14, size=1 << 24)

    header = read_header(HERE, image + bytes(1 << 15), 1 << 16)
    with pytest.raises(errors.HeaderInvalid, match="3 are needed"):
        read_header(HERE, qcow2(**{**_extended, "size": (1 << 25) + 512}), 1 << 16)

    assert header.extended_l2


_extended = {"incompatible": 1 << 4, "cluster_bits": 14, "l1_offset": 1 << 14, "refcount_offset": 1 << 14}
