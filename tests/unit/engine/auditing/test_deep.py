from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.errors import ApplianceDied
from imagekit.engine.auditing import deep
from imagekit.engine.auditing.deep import deleted_secrets
from imagekit.guest.errors import VerbFailed
from imagekit.hostdisk import HostDiskFull
from imagekit.identity.flaw import Device, Scene
from imagekit.images.workspace import Workspace
from imagekit.testing.memory import File

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imagekit.engine.opened import Opened
    from imagekit.testing.memory import MemoryGuest

HASH = "$y$j9T$pntF3.0kSsLO7dUA46ev70$5Et1FIQT.QbpAbkvnQwYzgNKr3mevJ87a2ovoPzAMz9"
LINE = f"ada:{HASH}:19000:0:99999:7:::\n".encode()
BODY = base64.encodebytes(b"openssh-key-v1\0" + bytes(range(200))).decode()
KEY = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{BODY}-----END OPENSSH PRIVATE KEY-----\n".encode()
PARTS = [
    {"part_num": 1, "part_start": 4096, "part_end": 65535},
    {"part_num": 2, "part_start": 65536, "part_end": 99999},
]
DEVICES = (Device("/dev/sda1", "ext4", "/"), Device("/dev/sda2", "swap"))


@pytest.fixture
def put(opened_guest: Callable[[MemoryGuest], Opened], base: Any, debian: MemoryGuest) -> Callable[..., Opened]:
    """Have a raw disk hold bytes at places, and files of the guest hold texts that grep finds."""

    def make(disk: dict[int, bytes], live: dict[str, bytes] | None = None) -> Opened:
        with base.path.open("wb") as opened:
            for at, content in disk.items():
                opened.seek(at)
                opened.write(content)
        image = replace(opened_guest(debian), info=base.model_copy(update={"format": "raw"}))
        for path, content in (live or {}).items():
            debian.add(path, File(content))
        names = b"".join(b"." + path.encode() + b"\0" for path in live or {})
        image.session.answers |= {"script": base64.b64encode(names).decode(), "part_list": PARTS}
        return image

    return make


def look(image: Opened, devices: tuple[Device, ...] = DEVICES) -> Any:
    return deleted_secrets("a.qcow2", image, Scene(image.guest, devices), Workspace(image.info.path.parent, None, 0))


def test_a_deleted_key_is_an_error_with_its_place_and_without_its_bytes(put: Callable[..., Opened]) -> None:
    found = look(put({8192: KEY}))

    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("deleted-secret", "error")
    assert finding.path == "/dev/sda1 at byte 8192"
    assert "in /dev/sda1 (ext4)" in finding.message
    assert "zeros" in finding.fix
    assert finding.mend == ({"run": "cat /dev/zero > /imagekit-zeros; sync; rm /imagekit-zeros"},)
    assert not any(line in finding.model_dump_json() for line in BODY.splitlines())
    assert found.unchecked == []


def test_a_deleted_hash_is_a_warning_since_it_has_to_be_tried(put: Callable[..., Opened]) -> None:
    (finding,) = look(put({8192: LINE})).findings

    assert finding.severity == "warning"
    assert HASH not in finding.model_dump_json()


def test_one_secret_is_told_once_with_how_often_it_is_there(put: Callable[..., Opened]) -> None:
    (finding,) = look(put({8192: KEY, 16384: KEY, 20480: KEY})).findings

    assert finding.path.endswith("byte 8192")
    assert "2 times more" in finding.message


def test_what_a_file_holds_is_not_deleted_wherever_it_was_found(put: Callable[..., Opened]) -> None:
    image = put({8192: KEY, 16384: LINE}, {"/etc/ssh/key": b"x\n" + KEY, "/etc/shadow": LINE, "/usr/bin/x": b"\0"})

    assert look(image).findings == []


def test_another_key_in_a_file_accounts_for_nothing(put: Callable[..., Opened]) -> None:
    assert len(look(put({8192: KEY}, {"/etc/shadow": LINE})).findings) == 1


def test_of_very_many_the_first_are_told(put: Callable[..., Opened]) -> None:
    lines = b"".join(LINE.replace(b"AMz9", b"%04d" % number) for number in range(120))

    found = look(put({8192: lines}))

    assert len(found.findings) == 100
    assert "120 secrets" in found.unchecked[0].reason


def test_swap_space_holds_no_file_and_is_mended_by_another_way(put: Callable[..., Opened]) -> None:
    (finding,) = look(put({70144: KEY})).findings

    assert finding.path == "/dev/sda2 at byte 70144"
    assert "mkswap" in finding.fix
    assert finding.mend == ()


def test_the_file_system_that_holds_it_is_the_one_that_is_filled_with_zeros(put: Callable[..., Opened]) -> None:
    (finding,) = look(put({8192: KEY}), (Device("/dev/sda1", "xfs", "/srv/a b"),)).findings

    assert finding.mend == ({"run": "cat /dev/zero > '/srv/a b/imagekit-zeros'; sync; rm '/srv/a b/imagekit-zeros'"},)


def test_a_file_to_swap_to_is_no_file_that_somebody_wrote(put: Callable[..., Opened], debian: MemoryGuest) -> None:
    debian.write("/etc/fstab", "/swapfile none swap sw 0 0\n")

    assert len(look(put({8192: KEY}, {"/swapfile": KEY})).findings) == 1


def test_what_an_unmounted_file_system_may_hold_is_not_told_as_deleted(put: Callable[..., Opened]) -> None:
    found = look(put({8192: KEY}), (Device("/dev/sda1", "xfs"),))

    assert found.findings == []
    assert [(each.rule, each.path) for each in found.unchecked] == [("deleted-secret", "/dev/sda1 at byte 8192")]


def test_nothing_is_asked_of_the_guest_where_nothing_was_found(put: Callable[..., Opened]) -> None:
    image = put({8192: b"-----BEGIN PRIVATE KEY-----\0"})

    assert look(image).findings == []
    assert image.session.calls == []


def test_bytes_that_say_nothing_are_told_as_not_checked(put: Callable[..., Opened], debian: MemoryGuest) -> None:
    debian.write("/etc/fstab", "UUID=1 / btrfs subvol=@,compress=zstd:1 0 0\n")

    found = look(put({}), (Device("/dev/sda1", "btrfs", "/"), Device("/dev/sda2", "crypto_LUKS")))

    assert [(each.path, each.reason.split(",")[0]) for each in found.unchecked] == [
        ("/dev/sda1", "its bytes are compressed"),
        ("/dev/sda2", "its bytes are encrypted"),
    ]


def test_a_file_that_cannot_be_read_leaves_it_open(put: Callable[..., Opened], debian: MemoryGuest) -> None:
    image = put({8192: KEY}, {"/etc/shadow": LINE})
    debian.fail("pread", error=VerbFailed("pread", "/etc/shadow", "Input/output error"))

    found = look(image)

    assert found.findings == []
    assert [each.rule for each in found.unchecked] == ["deleted-secret"]


def test_an_appliance_that_is_gone_ends_the_audit(put: Callable[..., Opened]) -> None:
    image = put({8192: KEY})
    image.session.answers["script"] = ApplianceDied("debug", "its machine is gone")

    with pytest.raises(ApplianceDied):
        look(image)


def test_a_qcow2_is_searched_in_a_copy_of_its_bytes_that_goes_again(
    put: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = put({})
    image = replace(image, info=image.info.model_copy(update={"format": "qcow2"}))
    monkeypatch.setattr(deep, "create_overlay", lambda info, path: path.write_bytes(info.path.name.encode()))
    monkeypatch.setattr(deep, "flatten", lambda overlay, target, format: target.write_bytes(bytes(4096) + KEY))  # noqa: A006  qemu-img's word

    (finding,) = look(image).findings

    assert finding.path == "/dev/sda1 at byte 4096"
    assert not (tmp_path / "bytes.raw").exists()


def test_a_host_without_the_room_leaves_it_open(put: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch) -> None:
    image = put({})
    image = replace(image, info=image.info.model_copy(update={"format": "qcow2"}))

    def full(*_: Any, **__: Any) -> None:
        raise HostDiskFull(image.info.path, 10, 5)

    monkeypatch.setattr(deep, "create_overlay", lambda *_: None)
    monkeypatch.setattr(deep, "flatten", full)

    assert "is full" in look(image).unchecked[0].reason
