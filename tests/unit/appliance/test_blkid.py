from __future__ import annotations

import pytest

from imagekit.appliance.blkid import SURVEY, parse_export, parse_survey, unescaped
from imagekit.process import run

PARTITIONED = """disk sda 0
part sda1 1
part sda10 10
part sda2 2

DEVNAME=/dev/sda2
LABEL=a=b
TYPE=ext4

DEVNAME=/dev/sda10
TYPE=xfs
"""


def test_partitions_come_in_the_order_of_their_numbers_and_unknown_ones_without_tags() -> None:
    found = parse_survey(PARTITIONED)

    assert found is not None
    assert list(found) == ["/dev/sda1", "/dev/sda2", "/dev/sda10"]
    assert [tags.get("TYPE", "") for tags in found.values()] == ["", "ext4", "xfs"]
    assert found["/dev/sda2"]["LABEL"] == "a=b"


def test_the_only_disk_is_guestfs_first_whatever_the_kernel_calls_it() -> None:
    answer = "disk sdb 0\npart sdb1 1\n\nDEVNAME=/dev/sdb1\nTYPE=ext4\n"

    assert parse_survey(answer) == {"/dev/sda1": {"DEVNAME": "/dev/sdb1", "TYPE": "ext4"}}


def test_a_disk_without_partitions_stands_for_itself() -> None:
    assert parse_survey("disk vda 0\n\nDEVNAME=/dev/vda\nTYPE=xfs\n") == {
        "/dev/sda": {"DEVNAME": "/dev/vda", "TYPE": "xfs"}
    }
    assert parse_survey("disk vda 0\n\n") == {"/dev/sda": {}}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "\n",
        "disk sda 0\ndisk sdb 0\npart sda1 1\n\nDEVNAME=/dev/sda1\nTYPE=ext4\n",
        "disk sda 0\n\nDEVNAME=/dev/sda\nPTTYPE=gpt\n",
    ],
    ids=["nothing", "no disk", "two disks", "a table without partitions"],
)
def test_what_it_cannot_tell_for_sure_it_does_not_tell(answer: str) -> None:
    assert parse_survey(answer) is None


def test_what_has_no_name_is_no_device() -> None:
    assert parse_export("TYPE=ext4\n\n\n\nDEVNAME=/dev/sda\n") == {"/dev/sda": {"DEVNAME": "/dev/sda"}}


def test_a_name_with_blanks_and_letters_past_ascii_is_read_as_it_is() -> None:
    assert unescaped(r"Donn\ M-CM-)es") == "Donn ées"


def test_the_script_is_one_for_any_shell() -> None:
    assert run(["sh", "-n", "-c", SURVEY]).stderr == ""
