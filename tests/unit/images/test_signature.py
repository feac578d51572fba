from __future__ import annotations

import pytest

from imagekit.images.signature import HEAD_SIZE, SIGNATURES, TAIL_SIZE, foreign_format


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda one: f"{one.name}@{one.offset}")
def test_each_format_is_known_by_its_bytes_at_their_place(signature):
    head, tail = bytearray(1 << 16), bytearray(TAIL_SIZE)
    where = head if signature.offset >= 0 else tail
    start = signature.offset % len(where) if signature.offset < 0 else signature.offset
    where[start : start + len(signature.magic)] = signature.magic

    found = foreign_format(bytes(head), bytes(tail))

    assert found is not None
    assert found.name == signature.name


def test_a_disk_of_zeros_is_of_no_foreign_format():
    assert foreign_format(bytes(HEAD_SIZE), bytes(TAIL_SIZE)) is None


def test_a_vmdk_descriptor_may_begin_with_comments():
    found = foreign_format(b"# comment\n\n# Disk DescriptorFile\nversion=1\n", b"")

    assert found is not None
    assert found.name == "VMDK"


def test_a_footer_counts_from_the_end_of_a_file_that_is_shorter_than_a_tail():
    assert foreign_format(b"short", b"short") is None


def test_archives_are_to_be_unpacked_rather_than_converted():
    found = foreign_format(b"\x1f\x8b\x08rest", b"")

    assert found is not None
    assert found.unpack
