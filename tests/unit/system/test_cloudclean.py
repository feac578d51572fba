from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.system import cloudclean
from imagekit.testing.memory import File, Link, MemoryGuest

if TYPE_CHECKING:
    from collections.abc import Callable

STATE = "/var/lib/cloud"


@pytest.fixture
def ran(debian: MemoryGuest) -> MemoryGuest:
    """A guest in which an instance ran."""
    debian.add(f"{STATE}/instances/a/user-data.txt", "hush")
    debian.add(f"{STATE}/instance", Link(f"{STATE}/instances/a"))
    debian.add(f"{STATE}/data/instance-id", "a\n")
    debian.add(f"{STATE}/sem/x.once", "")
    debian.add(f"{STATE}/seed/nocloud/meta-data", "")
    debian.add(f"{STATE}/seed/nocloud-net/meta-data", "")
    debian.add(f"{STATE}/scripts/per-boot/mine", File("#!/bin/sh\n", 0o755))
    debian.add(f"{STATE}/scripts/vendor/theirs", File("#!/bin/sh\n", 0o755))
    return debian


def erased(guest: MemoryGuest, path: str, clean: Callable[[MemoryGuest], None]) -> bool:
    """Tell whether cleaning overwrites a file before it removes it."""
    node = guest.tree.get(path)
    assert node is not None
    before = node.content
    clean(guest)
    return not guest.exists(path) and node.content == bytes(len(before)) != before


def test_what_the_last_instance_left_is_all_but_the_seed(ran: MemoryGuest) -> None:
    assert cloudclean.instance_state(ran) == tuple(
        f"{STATE}/{name}" for name in ("data", "instance", "instances", "scripts", "sem")
    )


def test_state_behind_a_link_is_state(ran: MemoryGuest) -> None:
    ran.mkdir_p("/srv")
    ran.mv(STATE, "/srv/cloud")
    ran.ln_sf("/srv/cloud", STATE)

    cloudclean.clean_state(ran)

    assert ran.ls("/srv/cloud") == ("seed",)


def test_user_data_of_the_last_instance_is_overwritten_before_it_goes(ran: MemoryGuest) -> None:
    assert erased(ran, f"{STATE}/instances/a/user-data.txt", cloudclean.clean_state)
    assert ran.ls(STATE) == ("seed",)


def test_what_is_spared_stays_with_its_folders_alone(ran: MemoryGuest) -> None:
    cloudclean.clean_state(ran, spare=cloudclean.own_scripts(ran))

    assert ran.find(f"{STATE}/scripts") == (f"{STATE}/scripts/per-boot", f"{STATE}/scripts/per-boot/mine")
    assert ran.ls(STATE) == ("scripts", "seed")


def test_seeds_go_but_for_one_that_is_spared(ran: MemoryGuest) -> None:
    cloudclean.clean_seed(ran, (f"{STATE}/seed/nocloud",))
    left = ran.ls(f"{STATE}/seed")

    cloudclean.clean_seed(ran)

    assert left == ("nocloud",)
    assert not ran.exists(f"{STATE}/seed")


def test_logs_go_with_their_rotations_wherever_they_are(debian: MemoryGuest) -> None:
    debian.add(
        "/etc/cloud/cloud.cfg.d/05.cfg",
        "def_log_file: /var/log/ci/main.log\noutput: {all: '| tee -a /var/log/ci/out.log'}\n",
    )
    gone = ["cloud-init.log", "cloud-init.log.1.gz", "cloud-init-output.log", "ci/main.log", "ci/out.log-20240101"]
    for name in (*gone, "syslog"):
        debian.add(f"/var/log/{name}", "x")

    assert erased(debian, "/var/log/ci/main.log", cloudclean.clean_logs)
    assert [name for name in gone if debian.exists(f"/var/log/{name}")] == []
    assert debian.exists("/var/log/syslog")


def test_a_log_that_is_no_file_stays(debian: MemoryGuest) -> None:
    debian.add("/var/log/cloud-init.log", Link("/dev/null"))
    cloudclean.clean_logs(debian)

    assert debian.is_symlink("/var/log/cloud-init.log")


def test_access_and_mounts_of_the_last_instance_go(debian: MemoryGuest) -> None:
    debian.add("/etc/sudoers.d/90-cloud-init-users", "debian ALL=(ALL) NOPASSWD:ALL\n")
    debian.add("/etc/ssh/sshd_config.d/50-cloud-init.conf", "PasswordAuthentication yes\n")
    debian.add("/etc/fstab", "UUID=1 / ext4 defaults 0 1\n/dev/vdb /mnt auto defaults,nofail,comment=cloudconfig 0 2\n")

    cloudclean.clean_access(debian)

    assert not debian.exists("/etc/sudoers.d/90-cloud-init-users")
    assert not debian.exists("/etc/ssh/sshd_config.d/50-cloud-init.conf")
    assert debian.read_file("/etc/fstab") == b"UUID=1 / ext4 defaults 0 1\n"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/netplan/50-cloud-init.yaml",
        "/etc/NetworkManager/conf.d/30-cloud-init-ip6-addr-gen-mode.conf",
        "/etc/NetworkManager/system-connections/cloud-init-eth0.nmconnection",
        "/etc/systemd/network/10-cloud-init-eth0.network",
        "/etc/network/interfaces.d/50-cloud-init",
        "/etc/network/interfaces.d/50-cloud-init.cfg",
    ],
)
def test_a_network_that_cloud_init_rendered_is_known_by_its_name(debian: MemoryGuest, path: str) -> None:
    debian.add(path, "x")

    assert cloudclean.rendered_network(debian) == (path,)
    assert erased(debian, path, cloudclean.clean_network)


def test_of_ifcfg_files_those_that_cloud_init_signed_are_its_own(rocky: MemoryGuest) -> None:
    folder = "/etc/sysconfig/network-scripts"
    rocky.add(
        f"{folder}/ifcfg-eth0", "# Created by cloud-init automatically, do not edit.\n#\nHWADDR=52:54:00:12:34:56\n"
    )
    rocky.add(f"{folder}/ifcfg-eth1", "DEVICE=eth1\n")
    cloudclean.clean_network(rocky)

    assert rocky.ls(folder) == ("ifcfg-eth1",)


def test_a_spared_network_stays(debian: MemoryGuest) -> None:
    debian.add("/etc/netplan/50-cloud-init.yaml", "x")
    cloudclean.clean_network(debian, ("/etc/netplan/50-cloud-init.yaml",))

    assert debian.exists("/etc/netplan/50-cloud-init.yaml")


@pytest.mark.parametrize(
    ("path", "text", "renders"),
    [
        ("/etc/cloud/cloud.cfg.d/x.cfg", "network: {config: disabled}\n", False),
        ("/etc/cloud/cloud.cfg.d/x.cfg", "network: {version: 2}\n", True),
        ("/etc/cloud/cloud-init.disabled", "", False),
        ("/etc/motd", "", True),
    ],
)
def test_cloud_init_renders_a_network_unless_it_is_told_not_to(
    debian: MemoryGuest, path: str, text: str, *, renders: bool
) -> None:
    debian.add(path, text)

    assert cloudclean.renders_network(debian) is renders


def test_leftovers_of_the_installer_go_with_the_password_hash_in_them(ubuntu: MemoryGuest) -> None:
    for name in (
        "cloud.cfg.d/99-installer.cfg",
        "cloud.cfg.d/subiquity-disable-cloudinit-networking.cfg",
        "ds-identify.cfg",
    ):
        ubuntu.add(f"/etc/cloud/{name}", "x")
    ubuntu.add("/etc/cloud/cloud-init.disabled", "")

    assert erased(ubuntu, "/etc/cloud/cloud.cfg.d/99-installer.cfg", cloudclean.clean_installer)
    assert ubuntu.glob_expand("/etc/cloud/{cloud.cfg.d/*,ds-identify.cfg,cloud-init.disabled}") == ()


def test_where_no_installer_was_a_marker_and_a_policy_are_the_authors_own(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/ds-identify.cfg", "policy: enabled\n")
    debian.add("/etc/cloud/cloud-init.disabled", "")
    cloudclean.clean_installer(debian)

    assert debian.exists("/etc/cloud/ds-identify.cfg")
    assert debian.exists("/etc/cloud/cloud-init.disabled")


def test_programs_that_clean_would_run_are_named(debian: MemoryGuest) -> None:
    for name, mode in (("50-mine", 0o755), ("README", 0o755), ("60-off", 0o644), ("99-installer", 0o755)):
        debian.add(f"/etc/cloud/clean.d/{name}", File("", mode))

    assert cloudclean.other_scripts(debian) == ("/etc/cloud/clean.d/50-mine",)


def test_what_the_installer_left_is_told_and_what_is_spared_stays(debian: MemoryGuest) -> None:
    configs = "/etc/cloud/cloud.cfg.d"
    debian.add(f"{configs}/90-installer-network.cfg", "x")
    bare = cloudclean.installer_files(debian)
    debian.add(f"{configs}/99-installer.cfg", "x")
    told = cloudclean.installer_files(debian)
    cloudclean.clean_installer(debian, (f"{configs}/99-installer.cfg",))

    assert bare == ()
    assert told == (f"{configs}/99-installer.cfg", f"{configs}/90-installer-network.cfg")
    assert debian.exists(f"{configs}/99-installer.cfg")
    assert not debian.exists(f"{configs}/90-installer-network.cfg")
