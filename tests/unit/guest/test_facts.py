from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.elf import header_for
from imagekit.guest.facts import Facts, read_facts
from imagekit.testing.memory import Dir, File, Link, MemoryGuest, Special

if TYPE_CHECKING:
    from imagekit.testing.tree import Entry

WANTS = "/etc/systemd/system/multi-user.target.wants"
SYSTEMD: dict[str, Entry] = {"/usr/lib/systemd/systemd": "", "/sbin/init": Link("/usr/lib/systemd/systemd")}


def facts_of(files: dict[str, Entry]) -> Facts:
    return read_facts(MemoryGuest(files))


def test_an_empty_guest_has_the_facts_of_nothing() -> None:
    assert facts_of({}) == Facts()


def test_etc_os_release_wins_over_the_vendors() -> None:
    vendor: dict[str, Entry] = {"/usr/lib/os-release": "ID=debian\nVERSION_ID=12\n"}

    assert facts_of(vendor).distro == "debian"
    assert facts_of({**vendor, "/etc/os-release": "ID=mine\nID_LIKE=debian\n"}).distro == "mine"
    assert facts_of({**vendor, "/etc/os-release": Link("../usr/lib/os-release")}).version == "12"


@pytest.mark.parametrize("os_release", [Special(), Dir(), Link("os-release"), Link("/nowhere"), File(b"\xff\0\x1b[2J")])
def test_an_os_release_that_is_no_text_tells_nothing(os_release: Entry) -> None:
    facts = facts_of({"/etc/os-release": os_release})

    assert (facts.distro, facts.family, facts.name) == ("unknown", "unknown", "")


def test_no_text_of_a_guest_reaches_a_terminal_as_it_is() -> None:
    hostile = "\x1b]0;x\x07\x1b[2J\u202e\0"
    release = f'ID="de{hostile}bian"\nPRETTY_NAME="{hostile}{"x" * 9999}"\nVERSION_ID="1{hostile}"\n'
    facts = facts_of({"/etc/os-release": release, "/etc/hostname": f"{hostile}name\n"})

    assert facts.distro == "unknown"
    assert facts.version == ""
    assert facts.name.startswith("]0;x[2Jx")
    assert len(facts.name) == 128
    assert facts.hostname == "]0;x[2Jname"


def test_the_architecture_is_that_of_the_shell_behind_its_links() -> None:
    program = File(header_for("aarch64"), 0o755)

    assert facts_of({"/bin": Link("usr/bin"), "/usr/bin/sh": Link("dash"), "/usr/bin/dash": program}).arch == "aarch64"
    assert facts_of({"/bin/sh": "#!script", "/usr/bin/env": program}).arch == "aarch64"
    assert facts_of({"/bin/sh": Special()}).arch == "unknown"


@pytest.mark.parametrize(
    ("files", "init"),
    [
        (SYSTEMD, "systemd"),
        ({"/lib/systemd/systemd": "", "/sbin/init": Link("../lib/systemd/systemd")}, "systemd"),
        ({"/usr/lib/systemd/systemd": "", "/sbin/init": "", "/etc/inittab": ""}, "sysvinit"),
        ({"/sbin/init": "", "/etc/inittab": "", "/sbin/openrc": ""}, "openrc"),
        ({"/usr/lib/systemd/systemd": ""}, "unknown"),
        ({"/sbin/init": ""}, "unknown"),
        ({"/sbin/init": Link("init")}, "unknown"),
    ],
)
def test_the_init_is_what_sbin_init_is(files: dict[str, Entry], init: str) -> None:
    assert facts_of(files).init == init


@pytest.mark.parametrize(
    ("identifier", "programs", "manager"),
    [
        ("debian", ["apt-get", "dnf", "zypper"], "apt"),
        ("fedora", ["apt-get", "dnf5", "yum"], "dnf"),
        ("centos", ["yum", "apt-get"], "yum"),
        ("opensuse-leap", ["zypper", "dnf"], "zypper"),
        ("arch", ["pacman"], "pacman"),
        ("alpine", ["apk"], "apk"),
        ("unheard-of", ["pacman"], "pacman"),
        ("debian", [], "none"),
    ],
)
def test_the_package_manager_of_the_family_comes_first(identifier: str, programs: list[str], manager: str) -> None:
    files: dict[str, Entry] = {f"/usr/bin/{program}": "" for program in programs}

    assert facts_of({"/etc/os-release": f"ID={identifier}\n", **files}).package_manager == manager


@pytest.mark.parametrize(
    ("files", "stack"),
    [
        ({"/usr/sbin/netplan": "", f"{WANTS}/systemd-networkd.service": Link("/x")}, "netplan"),
        ({f"{WANTS}/NetworkManager.service": Link("/x"), "/sbin/ifup": "", "/etc/network": Dir()}, "NetworkManager"),
        ({f"{WANTS}/systemd-networkd.service": Link("/x")}, "networkd"),
        ({f"{WANTS}/wicked.service": Link("/x")}, "wicked"),
        ({"/usr/sbin/ifup": "", "/etc/network": Dir(), "/usr/sbin/NetworkManager": ""}, "ifupdown"),
        ({"/etc/sysconfig/network-scripts/ifcfg-eth0": ""}, "ifcfg"),
        ({"/usr/sbin/NetworkManager": ""}, "NetworkManager"),
        ({"/usr/sbin/wicked": ""}, "wicked"),
        ({}, "none"),
    ],
)
def test_the_network_stack_is_what_is_enabled_before_what_is_installed(files: dict[str, Entry], stack: str) -> None:
    assert facts_of({**SYSTEMD, **files}).network_stack == stack


@pytest.mark.parametrize(
    ("files", "loader"),
    [
        ({"/boot/grub/grub.cfg": ""}, "grub"),
        ({"/boot/grub2/grub.cfg": ""}, "grub"),
        ({"/boot/grub2/grub.cfg": "", "/boot/loader/entries/x.conf": ""}, "bls"),
        ({"/boot/grub2/grub.cfg": "", "/boot/loader/entries": Dir()}, "grub"),
        ({"/boot/efi/EFI/systemd": Dir(), "/boot/loader/entries/x.conf": ""}, "systemd-boot"),
        ({"/boot/extlinux.conf": ""}, "extlinux"),
        ({"/boot/extlinux/extlinux.conf": ""}, "extlinux"),
        ({"/boot": Dir()}, "none"),
    ],
)
def test_the_boot_loader_is_known_by_its_configuration(files: dict[str, Entry], loader: str) -> None:
    assert facts_of(files).boot_loader == loader


@pytest.mark.parametrize(
    ("config", "tool", "selinux"),
    [
        ("SELINUX=enforcing\n", "/usr/sbin/load_policy", True),
        ("# SELINUX=disabled\nSELINUX=permissive\n", "/sbin/load_policy", True),
        ("SELINUX=disabled\n", "/usr/sbin/load_policy", False),
        ("SELINUX=enforcing\nSELINUX=disabled\n", "/usr/sbin/load_policy", False),
        ("SELINUX=enforcing\n", "/usr/sbin/other", False),
        ("", "/usr/sbin/load_policy", False),
    ],
)
def test_selinux_counts_if_it_is_installed_and_not_disabled(config: str, tool: str, selinux: bool) -> None:
    assert facts_of({"/etc/selinux/config": config, tool: ""}).selinux is selinux


@pytest.mark.parametrize(
    ("files", "hostname"),
    [
        ({"/etc/hostname": "# comment\n\n web-1 \nother\n"}, "web-1"),
        ({"/etc/HOSTNAME": "old.example\n"}, "old.example"),
        ({"/etc/hostname": "\n"}, ""),
    ],
)
def test_the_hostname_is_the_first_line_that_is_no_comment(files: dict[str, Entry], hostname: str) -> None:
    assert facts_of(files).hostname == hostname


def test_a_kernel_counts_if_it_has_modules_and_an_image() -> None:
    facts = facts_of(
        {
            "/lib": Link("usr/lib"),
            "/boot/vmlinuz-6.1.0-18-amd64": "",
            "/boot/vmlinuz-6.1.0-9-amd64": "",
            "/boot/vmlinuz-5.0-image-alone": "",
            "/boot/vmlinuz-virt": "",
            "/boot/Image-6.4.0-default": "",
            "/usr/lib/modules/6.1.0-18-amd64": Dir(),
            "/usr/lib/modules/6.1.0-9-amd64": Dir(),
            "/usr/lib/modules/4.0-modules-alone": Dir(),
            "/usr/lib/modules/6.6.58-0-virt": Dir(),
            "/usr/lib/modules/6.4.0-default": Dir(),
            "/usr/lib/modules/6.11.5-arch1-1/vmlinuz": "",
            "/usr/lib/modules/extramodules/vmlinuz": "",
            "/usr/lib/modules/6.1\x1b[2J/vmlinuz": "",
        }
    )

    assert facts.kernels == (
        "6.1.0-9-amd64",
        "6.1.0-18-amd64",
        "6.4.0-default",
        "6.6.58-0-virt",
        "6.11.5-arch1-1",
    )


def test_cloud_init_is_known_by_its_program() -> None:
    assert facts_of({"/usr/bin/cloud-init": ""}).cloud_init
    assert not facts_of({"/etc/cloud/cloud.cfg": ""}).cloud_init


def test_facts_cost_few_guest_calls(debian: MemoryGuest) -> None:
    calls: list[str] = []

    class Counting(MemoryGuest):
        def _begin(self, verb: str, path: str) -> None:
            calls.append(verb)
            super()._begin(verb, path)

    guest = Counting()
    guest.tree = debian.tree
    facts = read_facts(guest)

    assert facts.distro == "debian"
    assert len(calls) <= 45
