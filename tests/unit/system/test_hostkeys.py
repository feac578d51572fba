from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system import hostkeys
from imagekit.system.hostkeys import Evidence, keygen_path
from imagekit.testing.memory import File, MemoryGuest

SYSTEMD = Evidence(server=True, init="systemd")


@pytest.mark.parametrize(
    ("seen", "way"),
    [
        (Evidence(server=False, init="systemd"), "nothing"),
        (SYSTEMD, "unit"),
        (Evidence(server=True, init="systemd", cloud_init=True), "unit"),
        (Evidence(server=True, init="systemd", native="first-boot"), "unit"),
        (Evidence(server=True, init="systemd", native="always"), "native"),
        (Evidence(server=True, init="systemd", native="always", deferred=True), "native"),
        (Evidence(server=True, init="systemd", native="always", deferred=True, cloud_init=True), "unit"),
        (Evidence(server=True, init="systemd", native="always", own_places=True), "unit"),
        (Evidence(server=True, init="systemd", keygen=False), "refuse"),
        (Evidence(server=True, init="openrc", native="always"), "native"),
        (Evidence(server=True, init="openrc", native="always", own_places=True), "refuse"),
        (Evidence(server=True, init="openrc"), "refuse"),
        (Evidence(server=True, init="openrc", cloud_init=True), "cloud-init"),
        (Evidence(server=True, init="openrc", cloud_init=True, own_places=True), "refuse"),
        (Evidence(server=True, init="sysvinit"), "refuse"),
    ],
)
def test_the_table_of_who_makes_keys(seen: Evidence, way: str) -> None:
    assert keygen_path(seen) == way


@pytest.mark.parametrize(
    ("name", "native", "deferred"),
    [
        ("debian", "none", False),
        ("debian13", "first-boot", False),
        ("ubuntu", "none", False),
        ("fedora", "always", False),
        ("rocky", "always", True),
        ("opensuse", "always", False),
        ("arch", "always", False),
        ("alpine", "always", False),
    ],
)
def test_the_evidence_is_read_from_the_guests_own_files(request, name: str, native: str, deferred: bool) -> None:
    seen = hostkeys.gather(request.getfixturevalue(name))

    assert (seen.server, seen.native, seen.deferred) == (True, native, deferred)


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("opensuse", "/etc/sysconfig/ssh", 'SSHD_AUTO_KEYGEN="no"\n'),
        ("alpine", "/etc/conf.d/sshd", 'sshd_disable_keygen="yes"\n'),
        ("alpine", "/etc/conf.d/sshd", "SSHD_DISABLE_KEYGEN=yes\n"),
        ("arch", "/etc/systemd/system/sshdgenkeys.service", "[Unit]\nConditionFirstBoot=yes\n"),
    ],
)
def test_a_generator_that_was_switched_off_makes_none(request, name: str, path: str, text: str) -> None:
    guest = request.getfixturevalue(name)
    guest.add(path, text)

    assert hostkeys.gather(guest).native != "always"


def test_our_unit_runs_early_and_only_if_a_key_is_missing() -> None:
    text = hostkeys.unit_text((), {})

    assert "DefaultDependencies=no\n" in text
    assert "ConditionPathExistsGlob=|!/etc/ssh/ssh_host_*_key\n" in text
    assert "ConditionFirstBoot" not in text
    before = [word for line in text.splitlines() if line.startswith("Before=") for word in line[7:].split()]
    assert {"cloud-init-local.service", "ssh.service", "sshd.service", "ssh.socket", "sshd-keygen.service"} <= set(
        before
    )


def test_our_unit_makes_only_the_keys_that_are_named() -> None:
    text = hostkeys.unit_text(("/srv/a",), {"/srv/a": "rsa"})

    assert "ssh-keygen -A" not in text
    assert "ConditionPathExists=|!/srv/a\n" in text
    assert """ExecStart=/bin/sh -c "test -s /srv/a || exec /usr/bin/ssh-keygen -q -t rsa -N '' -f /srv/a"\n""" in text
    assert "RequiresMountsFor=/etc/ssh /srv /usr/bin/ssh-keygen\n" in text


def test_our_unit_makes_default_keys_beside_those_of_their_own_places() -> None:
    text = hostkeys.unit_text(("/etc/ssh/ssh_host_rsa_key", "/srv/a"), {"/srv/a": "rsa"})

    assert text.index("ssh-keygen -A") < text.index("-f /srv/a")


def test_a_path_that_a_unit_would_have_to_quote_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        hostkeys.unit_text(("/srv/a b",), {"/srv/a b": "rsa"})

    assert caught.value.code == "IK-SSH-003"


@pytest.mark.parametrize(
    ("public", "path", "kind"),
    [
        ("ssh-rsa AAAA x", "/srv/a", "rsa"),
        ("ecdsa-sha2-nistp256 AAAA rsa", "/srv/a", "ecdsa"),
        ("ssh-ed25519 AAAA", "/srv/rsa_key", "ed25519"),
        ("", "/srv/rsa_key", "rsa"),
        ("", "/srv/a", "ed25519"),
    ],
)
def test_the_kind_of_a_key_is_that_of_its_public_half_or_its_name(public: str, path: str, kind: str) -> None:
    guest = MemoryGuest({"/etc/ssh/sshd_config": f"HostKey {path}\nHostKey /etc/ssh/ssh_host_rsa_key\n"})
    guest.add(f"{path}.pub", public)

    assert hostkeys.key_kinds(guest) == {path: kind}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'DROPBEAR_EXTRA_ARGS="-R"\n'),
        ("# none", '# none\nDROPBEAR_EXTRA_ARGS="-R"\n'),
        ('DROPBEAR_EXTRA_ARGS=""\nX=1\n', 'DROPBEAR_EXTRA_ARGS="-R"\nX=1\n'),
        ("DROPBEAR_EXTRA_ARGS=-w\n", 'DROPBEAR_EXTRA_ARGS="-w -R"\n'),
        ('DROPBEAR_EXTRA_ARGS="-R -w"\n', 'DROPBEAR_EXTRA_ARGS="-R -w"\n'),
    ],
)
def test_dropbear_is_told_to_make_keys_when_it_needs_them(before: str, after: str) -> None:
    assert hostkeys.with_keys_on_demand(before) == after


def test_keys_inside_an_initramfs_are_refused(debian: MemoryGuest) -> None:
    debian.add("/etc/dropbear/initramfs/dropbear_rsa_host_key", File("k"))

    with pytest.raises(Problem) as caught:
        hostkeys.ensure(debian, {})

    assert caught.value.code == "IK-SSH-002"


def test_who_makes_new_keys_is_said_truly(debian: MemoryGuest, fedora: MemoryGuest) -> None:
    before = hostkeys.who(debian)
    hostkeys.ensure(debian, {})

    assert before == ""
    assert hostkeys.UNIT in hostkeys.who(debian)
    assert "distribution" in hostkeys.who(fedora)
