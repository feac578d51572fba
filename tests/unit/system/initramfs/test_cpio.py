from __future__ import annotations

import pytest

from imagekit.system.initramfs import cpio
from imagekit.system.initramfs.stream import BadArchive, Reader
from imagekit.testing.initramfs import pack_initramfs, pack_member


def listed(data: bytes) -> list[cpio.Member]:
    return list(cpio.members(Reader(iter([data]), 1 << 20)))


def test_an_archive_begins_with_one_of_two_magics() -> None:
    assert cpio.begins(pack_initramfs({}))
    assert cpio.begins(b"070702")
    assert not cpio.begins(b"070707")


def test_the_members_up_to_the_trailer_are_told() -> None:
    data = pack_member("bin", mode=0o040755) + pack_member("bin/a", b"12345", mode=0o100755) + pack_initramfs({})

    assert [(m.name, m.size, m.is_file) for m in listed(data)] == [("bin", 0, False), ("bin/a", 5, True)]


def test_a_reader_stands_at_the_content_of_each_member_and_then_behind_the_archive() -> None:
    reader = Reader(iter([pack_initramfs({"a": "one", "b": "three"}) + b"rest"]), 1 << 20)

    assert [reader.peek(member.size) for member in cpio.members(reader)] == [b"one", b"three"]
    assert reader.some() == b"rest"


@pytest.mark.parametrize("name", ["etc/x", "./etc/x", "/etc/x", ".//etc/x"])
def test_names_are_told_without_what_leads_them(name: str) -> None:
    assert [member.name for member in listed(pack_initramfs({name: ""}))] == ["etc/x"]


def test_a_name_that_is_no_text_is_a_name_still() -> None:
    data = pack_initramfs({"ab": ""}).replace(b"ab\0", b"\xff\xfe\0")

    assert listed(data)[0].name.encode("utf-8", "surrogateescape") == b"\xff\xfe"


def field(at: int, value: str) -> bytes:
    data = pack_member("abc", b"1234")
    return data[: 6 + 8 * at] + value.encode() + data[14 + 8 * at :] + pack_initramfs({})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"070701",
        pack_initramfs({"a": "b"})[:-100],
        pack_member("a", b"x" * 50)[:-20],
        b"070707" + bytes(200),
        field(11, "ffffffff"),
        field(11, "00000000"),
        field(11, "00001001"),
        field(6, "7fffffff"),
        field(6, "+0000004"),
        field(6, "  000004"),
        pack_member("abc").replace(b"abc\0", b"abcd") + pack_initramfs({}),
    ],
)
def test_what_is_damaged_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(BadArchive):
        listed(data)


@pytest.mark.parametrize("length", [4096, 100_000])
def test_a_name_that_linux_could_not_have_is_told_though_it_is_all_there(length: int) -> None:
    assert listed(pack_initramfs({"a" * 4095: ""}))
    with pytest.raises(BadArchive, match=f"{length + 1} bytes long"):
        listed(pack_initramfs({"a" * length: ""}))
