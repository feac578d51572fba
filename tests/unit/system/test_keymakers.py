from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.guest.facts import Facts
from imagekit.system.keymakers import Evidence, decide, gather
from imagekit.testing.memory import Link, MemoryGuest

if TYPE_CHECKING:
    from imagekit.testing.tree import Entry

SERVER = {"/usr/sbin/sshd": "", "/usr/bin/ssh-keygen": ""}
UNITS = "/usr/lib/systemd/system"
DEFER = "[Unit]\nConditionPathExists=!/run/systemd/generator.early/multi-user.target.wants/cloud-init.target\n"


def seen(**more: Any) -> Evidence:
    return Evidence(**{"server": True, "init": "systemd", **more})


def made(init: Any, files: dict[str, Entry]) -> MemoryGuest:
    return MemoryGuest({**SERVER, **files}, Facts(init=init))


# The decision.
@pytest.mark.parametrize(
    ("evidence", "way", "why"),
    [
        (seen(server=False), "nothing", "no OpenSSH server"),
        (seen(), "unit", "package was installed"),
        (seen(cloud_init=True, cloud_keys=True), "unit", "finds no datasource"),
        (seen(cloud_init=True), "unit", "package was installed"),
        (seen(native="first-boot", generator="k"), "unit", "k runs only at a first boot"),
        (seen(native="always", generator="k"), "native", "k makes missing keys"),
        (seen(native="always", generator="k", deferred=True), "native", "k makes missing keys"),
        (seen(native="always", generator="k", deferred=True, cloud_init=True), "unit", "k leaves it to cloud-init"),
        (seen(native="always", generator="k", own_places=True), "unit", "that k does not make"),
        (seen(own_places=True), "unit", "that nothing in this image makes"),
        (seen(generator="k", switch="/etc/k"), "unit", "k was switched off in /etc/k"),
        (seen(keygen=False), "refuse", "/usr/bin/ssh-keygen is not installed"),
        (seen(init="openrc", native="always", generator="k"), "native", "k makes missing keys"),
        (seen(init="openrc", native="always", own_places=True), "unit", "this image makes"),
        (seen(init="openrc"), "unit", "package was installed"),
        (seen(init="openrc", cloud_keys=True), "unit", "finds no datasource"),
        (seen(init="sysvinit"), "unit", "package was installed"),
        (seen(init="unknown"), "refuse", "package was installed"),
        (seen(init="unknown", cloud_keys=True), "cloud-init", "finds no datasource"),
        (seen(init="unknown", cloud_keys=True, own_places=True), "refuse", "this image makes"),
        (seen(init="unknown", keygen=False, cloud_keys=True), "refuse", "is not installed"),
    ],
)
def test_the_table_of_who_makes_keys(evidence: Evidence, way: str, why: str) -> None:
    verdict = decide(evidence)

    assert verdict.way == way
    assert why in verdict.why


# The evidence, from each family's own files.
@pytest.mark.parametrize(
    ("name", "native", "generator", "deferred"),
    [
        ("debian", "none", "", False),
        ("debian13", "first-boot", "sshd-keygen.service", False),
        ("ubuntu", "none", "", False),
        ("fedora", "always", "sshd-keygen@.service", False),
        ("rocky", "always", "sshd-keygen@.service", True),
        ("opensuse", "always", "sshd-gen-keys-start", False),
        ("arch", "always", "sshdgenkeys.service", False),
        ("alpine", "always", "/etc/init.d/sshd", False),
    ],
)
def test_the_evidence_is_read_from_the_guests_own_files(
    request, name: str, native: str, generator: str, deferred: bool
) -> None:
    found = gather(request.getfixturevalue(name))

    assert (found.server, found.keygen, found.own_places, found.switch) == (True, True, False, "")
    assert (found.native, found.generator, found.deferred) == (native, generator, deferred)


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("opensuse", "/etc/sysconfig/ssh", 'SSHD_AUTO_KEYGEN="no"\n'),
        ("alpine", "/etc/conf.d/sshd", 'sshd_disable_keygen="yes"\n'),
        ("alpine", "/etc/conf.d/sshd", "SSHD_DISABLE_KEYGEN=True\n"),
        ("fedora", "/etc/sysconfig/sshd", "AUTOCREATE_SERVER_KEYS=NO\n"),
    ],
)
def test_a_generator_that_was_switched_off_makes_none(request, name: str, path: str, text: str) -> None:
    guest = request.getfixturevalue(name)
    guest.add(path, text)

    assert (gather(guest).native, gather(guest).switch) == ("none", path)


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("opensuse", "/etc/sysconfig/ssh", '# SSHD_AUTO_KEYGEN="no"\n'),
        ("alpine", "/etc/conf.d/sshd", 'sshd_disable_keygen="no"\n'),
        ("fedora", "/etc/sysconfig/ssh", "OPTIONS=-4\n"),
        ("debian", "/etc/sysconfig/sshd", "AUTOCREATE_SERVER_KEYS=NO\n"),
    ],
)
def test_a_setting_that_says_something_else_switches_nothing_off(request, name: str, path: str, text: str) -> None:
    guest = request.getfixturevalue(name)
    before = gather(guest)
    guest.add(path, text)

    assert gather(guest) == before


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("fedora", "/etc/systemd/system/sshd-keygen@.service"),
        ("fedora", "/etc/systemd/system/sshd-keygen.target"),
        ("arch", "/etc/systemd/system/sshdgenkeys.service"),
    ],
)
def test_a_generator_that_is_masked_makes_none(request, name: str, path: str) -> None:
    guest = request.getfixturevalue(name)
    guest.add(path, Link("/dev/null"))

    assert gather(guest).native == "none"


def test_a_generator_that_nothing_calls_makes_none(arch: MemoryGuest) -> None:
    arch.add("/etc/systemd/system/sshd.service", "[Service]\nExecStart=/usr/bin/sshd -D\n")

    assert gather(arch).native == "none"


def test_a_drop_in_may_take_a_condition_back_or_add_one(debian13: MemoryGuest, arch: MemoryGuest) -> None:
    debian13.add("/etc/systemd/system/sshd-keygen.service.d/a.conf", "[Unit]\nConditionFirstBoot=\n")
    arch.add("/etc/systemd/system/sshdgenkeys.service.d/a.conf", "[Unit]\nConditionFirstBoot = yes\n")

    assert gather(debian13).native == "always"
    assert gather(arch).native == "first-boot"


@pytest.mark.parametrize("first_boot", [True, False])
def test_the_unit_of_debian_13_counts_however_it_is_wanted(first_boot: bool) -> None:
    condition = "ConditionFirstBoot=yes\nConditionPathIsReadWrite=/etc/ssh\n" if first_boot else ""
    guest = made(
        "systemd",
        {
            f"{UNITS}/ssh.service": "[Service]\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n",
            f"{UNITS}/sshd-keygen.service": f"[Unit]\n{condition}[Service]\nExecStart=ssh-keygen -A\n",
            "/etc/systemd/system/ssh.service.wants/sshd-keygen.service": Link(f"{UNITS}/sshd-keygen.service"),
        },
    )

    assert gather(guest).native == ("first-boot" if first_boot else "always")


@pytest.mark.parametrize(("config", "native"), [("", "always"), ("HostKey /etc/ssh/ssh_host_rsa_key\n", "none")])
def test_the_script_of_old_suse_minds_keys_that_are_named(opensuse: MemoryGuest, config: str, native: str) -> None:
    opensuse.add("/usr/sbin/sshd-gen-keys-start", "#!/bin/sh\ngrep -q ^HostKey /etc/ssh/sshd_config || ssh-keygen -A\n")
    opensuse.write_append("/etc/ssh/sshd_config", config)

    assert gather(opensuse).native == native


@pytest.mark.parametrize(
    ("path", "text", "native"),
    [
        ("/etc/init.d/sshd", "#!/bin/sh\nKEYGEN=/usr/bin/ssh-keygen\n", "always"),
        ("/etc/rc.d/init.d/sshd", "#!/bin/sh\n/usr/sbin/sshd-keygen\n", "always"),
        ("/etc/init.d/ssh", "#!/bin/sh\n# keys: see ssh-keygen(1)\nexec sshd\n", "none"),
        ("/etc/init.d/other", "ssh-keygen", "none"),
    ],
)
@pytest.mark.parametrize("init", ["sysvinit", "openrc"])
def test_an_init_script_counts_if_it_calls_the_program(init: str, path: str, text: str, native: str) -> None:
    assert gather(made(init, {path: text})).native == native


# cloud-init.
@pytest.mark.parametrize(
    ("config", "keys"),
    [
        ("cloud_init_modules: [ssh]\n", True),
        ("cloud_init_modules: [[ssh, always]]\n", True),
        ("cloud_init_modules: [set_hostname]\n", False),
        ("disable_root: true\n", True),
        ("ssh_genkeytypes: []\n", False),
        ("ssh_genkeytypes: [ed25519]\nssh_deletekeys: false\n", True),
    ],
)
def test_cloud_init_makes_keys_unless_its_configuration_says_no(config: str, keys: bool) -> None:
    guest = made("systemd", {"/usr/bin/cloud-init": "", "/etc/cloud/cloud.cfg": config})
    guest.mkdir_p("/etc/systemd/system/cloud-init.target.wants")

    found = gather(guest)

    assert found.cloud_keys is (found.cloud_init and keys)


def test_a_cloud_init_that_is_switched_off_defers_nothing(rocky: MemoryGuest) -> None:
    rocky.add("/etc/cloud/cloud-init.disabled", "")

    found = gather(rocky)

    assert (found.deferred, found.cloud_init, found.cloud_keys) == (True, False, False)
    assert decide(found).way == "native"


def test_keys_at_other_places_are_seen_and_those_of_old_releases_are_none(debian: MemoryGuest) -> None:
    debian.add("/etc/ssh/sshd_config.d/a.conf", "HostKey /etc/ssh/ssh_host_dsa_key\n")
    old = gather(debian).own_places
    debian.add("/etc/ssh/sshd_config.d/b.conf", "HostKey /srv/key\n")

    assert not old
    assert gather(debian).own_places


def test_a_guest_without_the_programs_has_none(debian: MemoryGuest) -> None:
    debian.rm_f("/usr/sbin/sshd")
    debian.rm_f("/usr/bin/ssh-keygen")

    assert (gather(debian).server, gather(debian).keygen) == (False, False)
