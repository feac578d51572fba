from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.guest.facts import Facts
from imagekit.testing.memory import MemoryGuest
from imagekit.testing.phony import Recipe, guest_names, load_guest, read_recipe, write_tar

if TYPE_CHECKING:
    from pathlib import Path

KERNELS = {
    "debian-12": ("6.1.0-9-amd64", "6.1.0-18-amd64"),
    "debian-13": ("6.12.48+deb13-amd64",),
    "ubuntu-24.04": ("6.8.0-45-generic", "6.8.0-100-generic"),
    "fedora-41": ("6.11.4-301.fc41.x86_64", "6.11.10-300.fc41.x86_64"),
    "rocky-9": ("5.14.0-427.9.1.el9_4.x86_64", "5.14.0-427.13.1.el9_4.x86_64"),
    "opensuse-leap-15.6": ("6.4.0-150600.23.25-default",),
    "arch": ("6.11.5-arch1-1",),
    "alpine-3.20": ("6.6.58-0-virt",),
}
COLUMNS = ("distro", "family", "version", "codename", "init", "package_manager", "network_stack", "boot_loader")
TABLE = {
    "debian-12": ("debian", "debian", "12", "bookworm", "systemd", "apt", "ifupdown", "grub"),
    "debian-13": ("debian", "debian", "13", "trixie", "systemd", "apt", "networkd", "grub"),
    "ubuntu-24.04": ("ubuntu", "debian", "24.04", "noble", "systemd", "apt", "netplan", "grub"),
    "fedora-41": ("fedora", "rhel", "41", "", "systemd", "dnf", "NetworkManager", "bls"),
    "rocky-9": ("rocky", "rhel", "9.4", "", "systemd", "dnf", "NetworkManager", "bls"),
    "opensuse-leap-15.6": ("opensuse-leap", "suse", "15.6", "", "systemd", "zypper", "wicked", "grub"),
    "arch": ("arch", "arch", "", "", "systemd", "pacman", "networkd", "grub"),
    "alpine-3.20": ("alpine", "alpine", "3.20.3", "", "openrc", "apk", "ifupdown", "extlinux"),
}
NAMES = {
    "debian-12": ("Debian GNU/Linux 12 (bookworm)", "debian"),
    "debian-13": ("Debian GNU/Linux 13 (trixie)", "trixie"),
    "ubuntu-24.04": ("Ubuntu 24.04.1 LTS", "ubuntu"),
    "fedora-41": ("Fedora Linux 41 (Server Edition)", "fedora"),
    "rocky-9": ("Rocky Linux 9.4 (Blue Onyx)", "rocky"),
    "opensuse-leap-15.6": ("openSUSE Leap 15.6", "leap"),
    "arch": ("Arch Linux", "archlinux"),
    "alpine-3.20": ("Alpine Linux v3.20", "alpine"),
}


def test_the_table_is_of_every_phony_guest() -> None:
    assert guest_names() == tuple(sorted(TABLE))


@pytest.mark.parametrize("name", TABLE)
def test_the_facts_of_a_phony_guest_are_those_of_the_distribution(name: str, recipes: dict[str, Recipe]) -> None:
    pretty, hostname = NAMES[name]
    expected = Facts.model_validate(
        {
            **dict(zip(COLUMNS, TABLE[name], strict=True)),
            "name": pretty,
            "hostname": hostname,
            "arch": "x86_64",
            "selinux": name in {"fedora-41", "rocky-9"},
            "cloud_init": name in {"debian-12", "ubuntu-24.04", "rocky-9"},
            "kernels": KERNELS[name],
        }
    )

    assert recipes[name].guest().facts == expected


@pytest.mark.parametrize("name", TABLE)
def test_every_phony_guest_has_an_identity_of_its_own(name: str, recipes: dict[str, Recipe]) -> None:
    guest = recipes[name].guest()
    others = [recipes[other].guest().read_file("/etc/machine-id") for other in TABLE if other != name]

    assert len(guest.read_file("/etc/machine-id")) == 33
    assert guest.read_file("/etc/machine-id") not in others
    assert guest.lstat("/etc/ssh/ssh_host_ed25519_key").mode & 0o007 == 0
    assert b"NOT A KEY" in guest.read_file("/etc/ssh/ssh_host_ed25519_key")


@pytest.mark.parametrize("name", TABLE)
def test_no_link_that_a_boot_needs_dangles(name: str, recipes: dict[str, Recipe]) -> None:
    guest = recipes[name].guest()

    for path in ("/bin/sh", "/sbin/init", "/etc/os-release", "/etc/localtime", "/usr/bin/ssh-keygen"):
        assert guest.exists(path), path


def test_two_guests_of_one_recipe_share_nothing(recipes: dict[str, Recipe]) -> None:
    first, second = recipes["debian-12"].guest(), recipes["debian-12"].guest()
    first.write("/etc/hostname", "changed\n")

    assert second.read_file("/etc/hostname") == b"debian\n"


def test_a_recipe_is_found_by_path(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "description: mine\n"
        "links: {/bin: usr/bin}\n"
        'directories: {/tmp: {mode: "1777"}}\n'
        "programs: [/bin/true]\n"
        'files: {/bin/sh: {elf: aarch64}, /etc/x: {mode: "0640", uid: 3, gid: 4, content: y}}\n'
    )
    guest = load_guest(tmp_path / "mine.yaml")
    stat = guest.lstat("/etc/x")

    assert guest.find("/usr/bin") == ("/usr/bin/sh", "/usr/bin/true")
    assert guest.lstat("/usr/bin/true").mode == 0o755
    assert guest.lstat("/tmp").mode == 0o1777
    assert (stat.mode, stat.uid, stat.gid, stat.size) == (0o640, 3, 4, 1)
    assert guest.facts.arch == "aarch64"


def test_a_misspelt_key_of_a_recipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("description: bad\nfile: {/etc/x: y}\n")

    with pytest.raises(ValidationError, match="file"):
        read_recipe(tmp_path / "bad.yaml")


def test_a_name_that_is_not_described_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        load_guest("no-such-distribution")


def test_a_guest_survives_the_way_through_a_tar(tmp_path: Path, debian: MemoryGuest) -> None:
    write_tar(debian, tmp_path / "debian.tar")
    again = MemoryGuest()
    again.tar_in(tmp_path / "debian.tar", "/")

    assert again.find("/") == debian.find("/")
    for path in debian.find("/"):
        assert again.lstat(path) == debian.lstat(path)
    with tarfile.open(tmp_path / "debian.tar") as archive:
        assert archive.getmember("./etc/shadow").gid == 42
