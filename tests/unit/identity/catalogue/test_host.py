from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.identity.catalogue.host import ITEMS

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

HOST = {item.id: item for item in ITEMS}


def test_a_host_without_a_name_is_localhost_and_its_hosts_file_follows(debian: MemoryGuest) -> None:
    there = HOST["hostname"].detect(debian)
    HOST["hostname"].reset(debian)

    assert there == ("/etc/hostname",)
    assert debian.read_file("/etc/hostname") == b"localhost\n"
    assert b"debian" not in debian.read_file("/etc/hosts")


@pytest.mark.parametrize("name", ["", "localhost\n", "localhost.localdomain\n", "# none\n"])
def test_no_name_of_its_own_is_none(debian: MemoryGuest, name: str) -> None:
    debian.write("/etc/hostname", name)

    assert HOST["hostname"].detect(debian) == ()


def test_who_names_a_clone_depends_on_cloud_init(debian: MemoryGuest, arch: MemoryGuest) -> None:
    assert "cloud-init" in HOST["hostname"].returns(debian)
    assert "DHCP" in HOST["hostname"].returns(arch)


def test_what_a_machine_is_stays_and_whose_it_is_goes(debian: MemoryGuest) -> None:
    debian.add("/etc/machine-info", 'CHASSIS=vm\nPRETTY_HOSTNAME="web"\nLOCATION=rack 1\nICON_NAME=computer\n')
    HOST["machine-info"].reset(debian)

    assert debian.read_file("/etc/machine-info") == b"CHASSIS=vm\nICON_NAME=computer\n"


@pytest.mark.parametrize(
    ("name", "held", "needed"),
    [
        ("hostid", "/etc/hostid", "/usr/sbin/zpool"),
        ("credential-secret", "/var/lib/systemd/credential.secret", "/etc/credstore.encrypted/db"),
    ],
)
def test_what_other_data_depends_on_would_not_come_back(debian: MemoryGuest, name: str, held: str, needed: str) -> None:
    debian.add(held, "x")
    before = HOST[name].returns(debian)
    debian.add(needed, "x")

    assert before
    assert HOST[name].returns(debian) == ""
    assert HOST[name].why


def test_popcon_gets_a_new_id_by_a_job_of_ours(debian: MemoryGuest) -> None:
    debian.add("/usr/sbin/popularity-contest", "")
    debian.add("/etc/popularity-contest.conf", 'PARTICIPATE="yes"\nMY_HOSTID="abc"\n')
    HOST["popcon"].reset(debian)

    assert debian.read_file("/etc/popularity-contest.conf") == b'PARTICIPATE="yes"\n'
    assert b"/proc/sys/kernel/random/uuid" in debian.read_file(
        "/usr/local/libexec/imagekit/imagekit-popularity-contest"
    )
