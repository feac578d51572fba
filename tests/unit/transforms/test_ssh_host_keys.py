from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.identity.catalogue import ssh
from imagekit.testing.memory import Link
from imagekit.transforms.ssh_host_keys import SshHostKeys

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

UNIT = "/etc/systemd/system/imagekit-ssh-host-keys.service"
WANTED = "/etc/systemd/system/multi-user.target.wants/imagekit-ssh-host-keys.service"


@pytest.mark.parametrize("name", ["debian", "debian13", "ubuntu", "rocky"])
def test_our_unit_makes_keys_where_the_distribution_would_not(request, name: str) -> None:
    guest = request.getfixturevalue(name)

    SshHostKeys().apply(guest)

    assert guest.glob_expand("/etc/ssh/ssh_host_*") == ()
    assert b"ExecStart=/usr/bin/ssh-keygen -A\n" in guest.read_file(UNIT)
    assert guest.realpath(WANTED) == UNIT


@pytest.mark.parametrize("name", ["fedora", "opensuse", "arch", "alpine"])
def test_the_distributions_own_way_is_left_to_work(request, name: str) -> None:
    guest = request.getfixturevalue(name)

    SshHostKeys().apply(guest)

    assert guest.glob_expand("/etc/ssh/ssh_host_*") == ()
    assert not guest.exists(UNIT)


def test_keys_at_places_of_their_own_go_and_come_back_there(debian: MemoryGuest) -> None:
    debian.add("/etc/ssh/sshd_config.d/keys.conf", "HostKey /srv/keys/main\nHostCertificate /srv/keys/main.cert\n")
    debian.add("/srv/keys/main", "secret")
    debian.add("/srv/keys/main.pub", "ecdsa-sha2-nistp256 AAAA root@old")
    debian.add("/srv/keys/main.cert", "cert")

    SshHostKeys().apply(debian)

    assert debian.ls("/srv/keys") == ()
    assert "ssh-keygen -q -t ecdsa -N '' -f /srv/keys/main" in debian.read_file(UNIT).decode()


@pytest.mark.parametrize("name", ["debian", "debian13", "rocky", "alpine", "fedora"])
def test_applying_twice_changes_nothing(request, snapshot, name: str) -> None:
    guest = request.getfixturevalue(name)
    guest.add("/etc/ssh/sshd_config.d/keys.conf", "HostKey /etc/ssh/ssh_host_rsa_key\n")
    SshHostKeys().apply(guest)
    first = snapshot(guest)

    SshHostKeys().apply(guest)

    assert snapshot(guest) == first


def test_the_kind_of_a_key_is_still_known_when_it_is_gone(debian: MemoryGuest, snapshot) -> None:
    debian.add("/etc/ssh/sshd_config.d/keys.conf", "HostKey /srv/main\n")
    debian.add("/srv/main.pub", "ssh-rsa AAAA")
    SshHostKeys().apply(debian)
    first = snapshot(debian)

    SshHostKeys().apply(debian)

    assert "-t rsa" in debian.read_file(UNIT).decode()
    assert snapshot(debian) == first


def test_keys_stay_where_nothing_would_make_new_ones(alpine: MemoryGuest) -> None:
    alpine.rm_f("/usr/bin/ssh-keygen")
    alpine.add("/etc/conf.d/sshd", "sshd_disable_keygen=yes\n")
    keys = ssh.detect_host_keys(alpine)

    with pytest.raises(Problem) as caught:
        SshHostKeys().apply(alpine)

    assert caught.value.code == "IK-SSH-001"
    assert ssh.detect_host_keys(alpine) == keys != ()


def test_an_openrc_guest_whose_script_was_switched_off_gets_ours(alpine: MemoryGuest, snapshot) -> None:
    alpine.add("/etc/conf.d/sshd", "sshd_disable_keygen=yes\n")
    SshHostKeys().apply(alpine)
    first = snapshot(alpine)
    SshHostKeys().apply(alpine)

    assert alpine.glob_expand("/etc/ssh/ssh_host_*") == ()
    assert alpine.realpath("/etc/runlevels/boot/imagekit-ssh-host-keys") == "/etc/init.d/imagekit-ssh-host-keys"
    assert snapshot(alpine) == first


def test_a_debian_that_systemd_does_not_start_gets_an_init_script(debian: MemoryGuest, snapshot) -> None:
    debian.add("/sbin/init", "sysvinit")
    debian.add("/etc/inittab", "id:2:initdefault:\n")
    debian.add("/etc/init.d/ssh", "#!/bin/sh\n")
    for level in "2345":
        debian.add(f"/etc/rc{level}.d/S03ssh", Link("../init.d/ssh"))
    debian.add("/etc/init.d/.depend.start", "TARGETS = rsyslog ssh\nINTERACTIVE =\nssh: rsyslog\n")
    SshHostKeys().apply(debian)
    first = snapshot(debian)
    SshHostKeys().apply(debian)

    assert debian.facts.init == "sysvinit"
    assert debian.ls("/etc/rc2.d") == ("S02imagekit-ssh-host-keys", "S03ssh")
    assert snapshot(debian) == first


def test_a_guest_without_a_server_is_left_alone(debian: MemoryGuest) -> None:
    debian.rm_f("/usr/sbin/sshd")

    SshHostKeys().apply(debian)

    assert not debian.exists(UNIT)
