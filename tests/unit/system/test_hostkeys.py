from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.facts import Facts
from imagekit.system import hostkeys, presets
from imagekit.testing.memory import Dir, File, Link, MemoryGuest

if TYPE_CHECKING:
    from imagekit.testing.tree import Entry

SERVER: dict[str, Any] = {"/usr/sbin/sshd": "", "/usr/bin/ssh-keygen": "", "/etc/ssh/sshd_config": ""}
UNIT = "/etc/systemd/system/imagekit-ssh-host-keys.service"
SCRIPT = "/etc/init.d/imagekit-ssh-host-keys"
DROPBEAR_KEY = "/etc/dropbear/dropbear_rsa_host_key"


def made(init: Any, files: dict[str, Entry] | None = None) -> MemoryGuest:
    return MemoryGuest({**SERVER, **(files or {})}, Facts(init=init))


# Found and removed.
def test_the_keys_of_every_server_are_found() -> None:
    keys = ("/etc/dropbear/dropbear_rsa_host_key", "/etc/ssh/ssh_host_rsa_key", "/etc/tinyssh/sshkeydir/.ed25519.sk")

    assert hostkeys.key_files(MemoryGuest(dict.fromkeys(keys, "k"))) == keys


def test_keys_are_overwritten_in_place_and_links_with_what_they_lead_to() -> None:
    guest = MemoryGuest(
        {
            "/etc/ssh/ssh_host_rsa_key": "hush",
            "/etc/ssh/ssh_host_ecdsa_key": Link("/keys/ecdsa"),
            "/etc/ssh/ssh_host_ed25519_key": Link("/nowhere"),
            "/keys/ecdsa": "hush",
            "/etc/tinyssh/sshkeydir/.ed25519.sk": "hush",
            "/etc/ssh/moduli": "primes",
        }
    )
    secret = ("/etc/ssh/ssh_host_rsa_key", "/keys/ecdsa", "/etc/tinyssh/sshkeydir/.ed25519.sk")
    nodes = [guest.tree.get(path) for path in secret]

    hostkeys.remove(guest)

    assert [node and node.content for node in nodes] == [bytes(4)] * 3
    assert hostkeys.key_files(guest) == ()
    assert guest.ls("/keys") == ()
    assert guest.ls("/etc/ssh") == ("moduli",)
    assert not guest.exists("/etc/tinyssh/sshkeydir")


def test_what_is_spared_stays_and_so_does_a_link_to_it() -> None:
    guest = MemoryGuest(
        {"/etc/ssh/ssh_host_rsa_key": Link("/keys/rsa"), "/keys/rsa": "mine", "/etc/ssh/ssh_host_rsa_key.pub": "old"}
    )

    hostkeys.remove(guest, {"/keys/rsa"})

    assert guest.read_file("/etc/ssh/ssh_host_rsa_key") == b"mine"
    assert hostkeys.key_files(guest) == ("/etc/ssh/ssh_host_rsa_key",)


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


# Made to come back.
@pytest.mark.parametrize("init", ["systemd", "openrc", "sysvinit"])
def test_the_kind_is_still_known_from_our_unit_when_the_key_is_gone(init: str) -> None:
    guest = made(init, {"/etc/ssh/sshd_config": "HostKey /srv/a\nHostKey /srv/a.b\n", "/etc/rc2.d": Dir()})
    hostkeys.ensure(guest, {"/srv/a": "rsa", "/srv/a.b": "ecdsa"})

    assert hostkeys.key_kinds(guest) == {"/srv/a": "rsa", "/srv/a.b": "ecdsa"}


def test_under_systemd_our_unit_is_enabled(debian: MemoryGuest) -> None:
    before = hostkeys.who(debian)
    hostkeys.ensure(debian, {})

    assert before == ""
    assert "imagekit-ssh-host-keys makes them before sshd starts" in hostkeys.who(debian)
    assert debian.realpath(UNIT.replace("system/", "system/multi-user.target.wants/")) == UNIT


def test_a_preset_that_keeps_units_as_they_are_learns_of_ours(debian: MemoryGuest) -> None:
    presets.write_preset(debian)

    hostkeys.ensure(debian, {})

    assert b"\nenable imagekit-ssh-host-keys.service\n" in debian.read_file(presets.PRESET)


def test_under_openrc_our_script_is_in_the_runlevel_boot() -> None:
    guest = made("openrc")
    before = hostkeys.who(guest)
    hostkeys.ensure(guest, {})

    assert before == ""
    assert "before sshd starts" in hostkeys.who(guest)
    assert guest.lstat(SCRIPT).mode == 0o755
    assert guest.realpath("/etc/runlevels/boot/imagekit-ssh-host-keys") == SCRIPT


@pytest.mark.parametrize(("link", "rank"), [("S03ssh", "S02"), ("S55sshd", "S20"), ("S01ssh", "S01")])
def test_under_system_v_our_script_is_linked_before_the_server(link: str, rank: str) -> None:
    guest = made("sysvinit", {f"/etc/rc{level}.d": Dir() for level in "12345"})
    guest.add(f"/etc/rc2.d/{link}", Link(f"../init.d/{link[3:]}"))
    guest.add("/etc/init.d/.depend.start", "TARGETS = ssh\n")
    before = hostkeys.who(guest)
    hostkeys.ensure(guest, {})

    ours = f"{rank}imagekit-ssh-host-keys"
    assert before == ""
    assert "before sshd starts" in hostkeys.who(guest)
    assert [guest.realpath(f"/etc/rc{level}.d/{ours}") for level in "2345"] == [SCRIPT] * 4
    assert not guest.ls("/etc/rc1.d")
    assert guest.ls("/etc/rc2.d") == tuple(sorted([ours, link]))
    assert ours < link
    assert guest.read_file("/etc/init.d/.depend.start").startswith(b"TARGETS = ssh imagekit-ssh-host-keys\n")


def test_a_place_among_the_run_levels_that_is_there_stays() -> None:
    guest = made("sysvinit", {"/etc/rc2.d/S07imagekit-ssh-host-keys": Link(f"../init.d/{SCRIPT[12:]}")})

    hostkeys.ensure(guest, {})

    assert guest.ls("/etc/rc2.d") == ("S07imagekit-ssh-host-keys",)


def test_a_guest_where_nobody_could_make_keys_is_refused_with_the_reason(debian: MemoryGuest) -> None:
    debian.rm_f("/usr/bin/ssh-keygen")

    with pytest.raises(Problem) as caught:
        hostkeys.ensure(debian, {})
    assert caught.value.code == "IK-SSH-001"
    assert "/usr/bin/ssh-keygen is not installed" in caught.value.why
    assert hostkeys.who(debian) == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fedora", "sshd-keygen@.service makes missing keys whenever sshd starts"),
        ("opensuse", "sshd-gen-keys-start makes missing keys whenever sshd starts"),
        ("arch", "sshdgenkeys.service makes missing keys whenever sshd starts"),
        ("alpine", "/etc/init.d/sshd makes missing keys whenever sshd starts"),
    ],
)
def test_where_the_distribution_makes_keys_nothing_is_added(request, name: str, said: str) -> None:
    guest = request.getfixturevalue(name)
    before = guest.find("/etc")
    hostkeys.ensure(guest, {})

    assert hostkeys.who(guest) == said
    assert guest.find("/etc") == before


# The other servers.
def test_a_guest_without_a_server_needs_no_keys() -> None:
    assert hostkeys.who(MemoryGuest()) == "no OpenSSH server is installed, so none are needed"


def test_other_servers_are_told_of_beside_openssh(fedora: MemoryGuest) -> None:
    fedora.add("/usr/sbin/tinysshd", "")
    fedora.add("/usr/sbin/dropbear", "")
    fedora.add("/etc/init.d/dropbear", "dropbear -R\n")

    assert hostkeys.who(fedora).endswith(
        "; dropbear makes its own when it starts; tinysshd makes its own when it starts"
    )


def test_dropbear_is_told_to_make_keys_when_it_needs_them(debian: MemoryGuest) -> None:
    debian.add("/usr/sbin/dropbear", "")
    debian.add("/etc/default/dropbear", '#DROPBEAR_EXTRA_ARGS=""\n')
    debian.add("/lib/systemd/system/dropbear.service", "[Service]\nExecStart=/usr/sbin/dropbear $DROPBEAR_EXTRA_ARGS\n")

    hostkeys.ensure(debian, {})

    assert b'\nDROPBEAR_EXTRA_ARGS="-R"\n' in debian.read_file("/etc/default/dropbear")


def test_a_dropbear_that_cannot_be_told_is_refused_if_it_has_keys(debian: MemoryGuest) -> None:
    debian.add("/usr/sbin/dropbear", "")
    hostkeys.ensure(debian, {})
    debian.add(DROPBEAR_KEY, File("k"))

    with pytest.raises(Problem) as caught:
        hostkeys.ensure(debian, {})
    assert caught.value.code == "IK-SSH-004"


def test_keys_inside_an_initramfs_are_refused(debian: MemoryGuest) -> None:
    debian.add("/etc/dropbear/initramfs/dropbear_rsa_host_key", File("k"))

    with pytest.raises(Problem) as caught:
        hostkeys.ensure(debian, {})
    assert caught.value.code == "IK-SSH-002"


def test_the_service_that_would_be_added_is_told_until_it_is_there(debian: MemoryGuest) -> None:
    before = hostkeys.adds(debian)
    hostkeys.ensure(debian, {})

    assert before == ("imagekit-ssh-host-keys",)
    assert hostkeys.adds(debian) == ()


def test_no_service_is_added_where_the_distribution_makes_keys(fedora: MemoryGuest) -> None:
    assert hostkeys.adds(fedora) == ()
