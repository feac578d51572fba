from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.blkid import SURVEY
from imagekit.appliance.disks import (
    Filesystem,
    Hibernated,
    LuksKeyWrong,
    LuksNeedsMemory,
    activate_all,
    plain_name,
    survey,
    with_aliases,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ONE = Filesystem(
    "/dev/sda1",
    "ext4",
    uuid="d93cea0c-7885-45f1-845d-f1bffa053163",
    label="my disk/a",
    partuuid="0a1b2c3d-01",
    partlabel="Linux filesystem",
)
VOLUME = Filesystem("/dev/vg-0/root-a", "xfs")
BARE = Filesystem("/dev/sdb", "ext4")


# What a spec in fstab means.
@pytest.mark.parametrize(
    "spec",
    [
        "UUID=d93cea0c-7885-45f1-845d-f1bffa053163",
        "UUID=D93CEA0C-7885-45F1-845D-F1BFFA053163",
        "LABEL=my disk/a",
        "PARTUUID=0A1B2C3D-01",
        "PARTLABEL=Linux filesystem",
        "/dev/disk/by-uuid/d93cea0c-7885-45f1-845d-f1bffa053163",
        r"/dev/disk/by-label/my\x20disk\x2fa",
        "/dev/disk/by-partuuid/0a1b2c3d-01",
        r"/dev/disk/by-partlabel/Linux\x20filesystem",
        "/dev/sda1",
        "/dev/vda1",
        "/dev/hda1",
        "/dev/xvda1",
    ],
)
def test_a_file_system_answers_to_all_its_names(spec: str) -> None:
    assert ONE.answers_to(spec)


@pytest.mark.parametrize(
    "spec",
    [
        "UUID=d93cea0c",
        "UUID=",
        "LABEL=MY DISK/A",
        "LABEL=",
        "PARTUUID=0a1b2c3d-02",
        "PARTLABEL=linux filesystem",
        "ID=d93cea0c-7885-45f1-845d-f1bffa053163",
        "/dev/disk/by-uuid/",
        "/dev/disk/by-id/ata-x",
        "/dev/sda",
        "/dev/sda2",
        "/dev/sdb1",
        "/dev/sda11",
        "tmpfs",
        "",
    ],
)
def test_a_file_system_answers_to_no_other_name(spec: str) -> None:
    assert not ONE.answers_to(spec)


@pytest.mark.parametrize(
    "spec", ["UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=", "/dev/disk/by-uuid/", "/dev/disk/by-label/"]
)
def test_one_without_names_answers_to_no_empty_one(spec: str) -> None:
    assert not BARE.answers_to(spec)


@pytest.mark.parametrize("spec", ["/dev/vg-0/root-a", "/dev/mapper/vg--0-root--a"])
def test_a_logical_volume_answers_to_both_its_forms(spec: str) -> None:
    assert VOLUME.answers_to(spec)


@pytest.mark.parametrize(
    ("device", "plain"),
    [
        ("/dev/mapper/vg-lv", "/dev/vg/lv"),
        ("/dev/mapper/a--b-c--d", "/dev/a-b/c-d"),
        ("/dev/mapper/luks", "/dev/mapper/luks"),
        ("/dev/mapper/luks-0a1b-2c3d", "/dev/mapper/luks-0a1b-2c3d"),
        ("/dev/vda", "/dev/sda"),
        ("/dev/xvdb12", "/dev/sdb12"),
        ("/dev/hdc3", "/dev/sdc3"),
        ("/dev/md0", "/dev/md0"),
        ("/dev/vdaa", "/dev/vdaa"),
        ("/dev/vg/sda1", "/dev/vg/sda1"),
        ("/dev/nvme0n1", "/dev/sda"),
        ("/dev/nvme1n1p2", "/dev/sdb2"),
        ("/dev/nvme0n2p1", "/dev/nvme0n2p1"),
        ("/dev/nvme99n1p1", "/dev/nvme99n1p1"),
        ("/dev/mmcblk0p3", "/dev/sda3"),
    ],
)
def test_a_device_has_one_plain_name(device: str, plain: str) -> None:
    assert plain_name(device) == plain


# What is on the disks.
@pytest.fixture
def laid(session: Any, refused: Callable[[str], Exception]) -> Callable[..., Any]:
    """Have the session see these devices: name -> tags of blkid, or None for one that blkid knows nothing of."""

    def lay(**tags: dict[str, str] | None) -> Any:
        devices = {"/dev/" + name.replace("_", "/"): known for name, known in tags.items()}
        session.answers |= {
            "list_partitions": [name for name in devices if name[-1].isdigit() and name.startswith("/dev/sd")],
            "list_devices": [
                "/dev/sda",
                *(name for name in devices if len(name) == len("/dev/sdx") and name > "/dev/sda"),
            ],
            "blkid": lambda device: refused("blkid failed") if devices.get(device) is None else devices[device],
        }
        return session

    return lay


def test_partitions_are_described_and_disks_that_have_none(laid: Callable[..., Any]) -> None:
    session = laid(sda1={"TYPE": "ext4", "UUID": "u", "PART_ENTRY_UUID": "p"}, sdb={"TYPE": "xfs", "LABEL": "l"})

    assert survey(session, {}) == (
        Filesystem("/dev/sda1", "ext4", uuid="u", partuuid="p"),
        Filesystem("/dev/sdb", "xfs", label="l"),
    )


def test_a_label_is_read_as_it_is_and_not_as_blkid_escapes_it(laid: Callable[..., Any]) -> None:
    session = laid(sda1={"TYPE": "ext4", "LABEL": r"my\ \$d\"k\\", "PART_ENTRY_NAME": r"EFI\ System"})
    (found,) = survey(session, {})

    assert (found.label, found.partlabel) == ('my $d"k\\', "EFI System")


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("DonnM-CM-)es", "Données"),
        ("M-CM-^@", "À"),
        (r"M-BM-\ x", "M-BM- x"),  # a no-break space is none that is printed
        (r"M-cM-^AM-\ ", "\u3060"),
        ("M-1 tank", "M-1 tank"),
        ("GYM-A", "GYM-A"),
        ("a^[[31m", "a^[[31m"),
        ("M-BM-^[31m", "M-BM-^[31m"),
        ("Données", "Données"),
    ],
)
def test_a_label_that_is_not_ascii_is_read_as_it_is_if_it_can_be_printed(
    laid: Callable[..., Any], printed: str, label: str
) -> None:
    (found,) = survey(laid(sda1={"TYPE": "ext4", "LABEL": printed}), {})

    assert found.label == label


def test_what_blkid_does_not_know_is_there_without_a_type(laid: Callable[..., Any]) -> None:
    assert survey(laid(sda1=None), {}) == (Filesystem("/dev/sda1", ""),)


def test_logical_volumes_are_activated_where_there_are_any(laid: Callable[..., Any]) -> None:
    session = laid(sda1={"TYPE": "LVM2_member"}, vg_root={"TYPE": "ext4"})
    session.answers |= {"lvm_scan": None, "lvs": ["/dev/vg/root"]}

    assert [found.device for found in survey(session, {})] == ["/dev/sda1", "/dev/vg/root"]
    assert ("lvm_scan", True) in session.calls


def test_raid_devices_are_found_where_there_are_any(laid: Callable[..., Any]) -> None:
    session = laid(sda1={"TYPE": "linux_raid_member"}, md127={"TYPE": "ext4"})
    session.answers |= {"script": "", "list_md_devices": ["/dev/md127"]}

    assert [found.device for found in survey(session, {})] == ["/dev/sda1", "/dev/md127"]
    asked = [words for _, *words in session.calls]
    assert any("mdadm -As" in text for words in asked for text in words)


def test_partitions_of_a_raid_device_are_found_too(laid: Callable[..., Any], turns: Callable[..., Any]) -> None:
    session = laid(sda1={"TYPE": "linux_raid_member"}, md127=None, md127p1={"TYPE": "ext4"})
    session.answers |= {"script": "", "list_md_devices": ["/dev/md127"]}

    session.answers["list_partitions"] = turns([["/dev/sda1"], ["/dev/sda1", "/dev/md127p1"]])

    assert [found.device for found in survey(session, {})] == ["/dev/sda1", "/dev/md127", "/dev/md127p1"]


# By one script.
ONE_DISK = """disk sda 0
part sda1 1

DEVNAME=/dev/sda1
TYPE=ext4
UUID=beef
LABEL=my\\ disk
"""


def test_one_disk_is_looked_through_by_one_script(session: Any) -> None:
    session.answers["script"] = ONE_DISK

    assert survey(session, {}) == (Filesystem("/dev/sda1", "ext4", uuid="beef", label="my disk"),)
    assert session.calls == [("script", SURVEY)]


@pytest.mark.parametrize("answer", ["disk sda 0\ndisk sdb 0\n\n", "", None])
def test_what_the_script_cannot_tell_is_asked_one_by_one(
    laid: Callable[..., Any], refused: Callable[[str], Exception], answer: str | None
) -> None:
    session = laid(sda1={"TYPE": "ext4"}, sdb={"TYPE": "xfs"})
    session.answers["script"] = refused("debug: no") if answer is None else answer

    assert [found.device for found in survey(session, {})] == ["/dev/sda1", "/dev/sdb"]


def test_everything_can_be_brought_up_as_a_boot_does_it(session: Any) -> None:
    session.answers["script"] = ""
    activate_all(session)
    ((_, text),) = session.calls

    order = [text.index(words) for words in ("--no-degraded", "lvm pvscan", "--run", "ldmtool create all")]
    assert order == sorted(order)


def test_a_hibernated_system_is_refused(laid: Callable[..., Any]) -> None:
    with pytest.raises(Hibernated, match="/dev/sda2 holds its memory"):
        survey(laid(sda1={"TYPE": "ext4"}, sda2={"TYPE": "swsuspend"}), {})


# Encrypted devices.
LUKS = {"TYPE": "crypto_LUKS", "UUID": "aaaa-bbbb"}


@pytest.mark.parametrize("name", ["/dev/sda1", "aaaa-bbbb", "all"])
def test_an_encrypted_device_is_opened_by_its_key(laid: Callable[..., Any], name: str) -> None:
    session = laid(sda1=LUKS, mapper_imagekit0={"TYPE": "LVM2_member"}, vg_root={"TYPE": "ext4"})
    session.answers |= {"cryptsetup_open": None, "lvm_scan": None, "lvs": ["/dev/vg/root"]}
    found = survey(session, {name: b"pass phrase"})

    assert ("cryptsetup_open", "/dev/sda1", "pass phrase", "imagekit0") in session.calls
    assert [each.device for each in found] == ["/dev/sda1", "/dev/mapper/imagekit0", "/dev/vg/root"]


def test_an_encrypted_device_without_a_key_stays_closed(laid: Callable[..., Any]) -> None:
    session = laid(sda1=LUKS)

    assert [each.type for each in survey(session, {"/dev/sda9": b"x"})] == ["crypto_LUKS"]
    assert "cryptsetup_open" not in session.verbs()


@pytest.mark.parametrize("key", [b"wrong", b"\xff\xfe"])
def test_a_key_that_does_not_open_the_device_is_told_without_the_key(laid: Callable[..., Any], key: bytes) -> None:
    with pytest.raises(LuksKeyWrong) as wrong:
        survey(laid(sda1=LUKS), {"/dev/sda1": key})

    assert wrong.value.message == "the key for /dev/sda1 does not open it"
    assert "wrong" not in repr(wrong.value.document())


def test_what_needs_more_memory_than_there_is_does_not_blame_the_key(
    laid: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    session = laid(sda1=LUKS)
    session.answers["cryptsetup_open"] = refused("cryptsetup_open: cryptsetup exited with status 3: Not enough memory")

    with pytest.raises(LuksNeedsMemory) as needs:
        survey(session, {"/dev/sda1": b"right"})
    assert "--memory" in str(needs.value.fix)


def test_what_is_encrypted_in_what_is_assembled_is_opened_too(laid: Callable[..., Any]) -> None:
    session = laid(
        sda1={"TYPE": "LVM2_member"},
        sda2={"TYPE": "crypto_LUKS", "UUID": "one"},
        vg_secret={"TYPE": "crypto_LUKS", "UUID": "two"},
        mapper_imagekit0={"TYPE": "swap"},
        mapper_imagekit1={"TYPE": "ext4"},
    )
    session.answers |= {"cryptsetup_open": None, "lvm_scan": None, "lvs": ["/dev/vg/secret"]}
    found = survey(session, {"one": b"1", "/dev/vg/secret": b"2"})

    assert [(each.device, each.container) for each in found] == [
        ("/dev/sda1", ""),
        ("/dev/sda2", ""),
        ("/dev/mapper/imagekit0", "/dev/sda2"),
        ("/dev/vg/secret", ""),
        ("/dev/mapper/imagekit1", "/dev/vg/secret"),
    ]
    assert session.verbs().count("lvs") == 1


# The guest's own names for what was encrypted.
BOX = Filesystem("/dev/sda2", "crypto_LUKS", uuid="aaaa-bbbb")
INSIDE = Filesystem("/dev/mapper/imagekit0", "ext4", container="/dev/sda2")


@pytest.mark.parametrize(
    "crypttab",
    ["root UUID=aaaa-bbbb none luks", "# root\n\nroot\t/dev/vda2\n", "other /dev/sda3 none\nroot /dev/sda2 none"],
)
def test_what_crypttab_opens_answers_to_its_name_there(crypttab: str) -> None:
    _, inside = with_aliases((BOX, INSIDE), crypttab)

    assert inside.answers_to("/dev/mapper/root")
    assert inside.answers_to("/dev/mapper/luks-aaaa-bbbb")
    assert not inside.answers_to("/dev/mapper/other")


def test_without_crypttab_it_is_known_by_its_containers_uuid() -> None:
    assert with_aliases((BOX, INSIDE), "")[1].aliases == ("/dev/mapper/luks-aaaa-bbbb",)


def test_what_was_never_encrypted_has_one_name() -> None:
    assert with_aliases((ONE, BOX), "x /dev/sda1\n") == (ONE, BOX)
