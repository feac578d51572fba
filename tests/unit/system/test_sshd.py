from __future__ import annotations

import pytest

from imagekit.system import sshd
from imagekit.testing.memory import Link, MemoryGuest


@pytest.mark.parametrize(
    ("line", "directive"),
    [
        ("HostKey /a", ("hostkey", ("/a",))),
        ("  hostkey=/a", ("hostkey", ("/a",))),
        ("HostKey = /a", ("hostkey", ("/a",))),
        ('HostKey "/a b" # mine', ("hostkey", ("/a b",))),
        ("UsePAM", ("usepam", ())),
        ('Banner "open', ("banner", ('"open',))),
    ],
)
def test_a_directive_has_several_forms(line: str, directive: tuple[str, tuple[str, ...]]) -> None:
    assert list(sshd.directives(f"# comment\n\n{line}\n")) == [directive]


def test_included_files_count_wherever_the_pattern_is_relative_to() -> None:
    guest = MemoryGuest(
        {
            "/etc/ssh/sshd_config": "Include sshd_config.d/*.conf /extra.conf\nHostKey /c\nHostKey none\n",
            "/etc/ssh/sshd_config.d/a.conf": "HostKey /a\nHostKey /c\n",
            "/extra.conf": "HostKey /b\n",
        }
    )

    assert sshd.configured_keys(guest) == ("/a", "/c", "/b")


def test_a_file_that_includes_itself_ends() -> None:
    guest = MemoryGuest({"/etc/ssh/sshd_config": "HostKey /a\nInclude /etc/ssh/sshd_config\n"})

    assert sshd.configured_keys(guest) == ("/a",)


def test_the_shipped_configuration_is_read_if_there_is_no_other() -> None:
    assert sshd.configured_keys(MemoryGuest({"/usr/etc/ssh/sshd_config": "HostKey /a\n"})) == ("/a",)


def test_every_file_that_is_a_host_key_is_found() -> None:
    found = {
        "/etc/ssh/ssh_host_rsa_key",
        "/etc/ssh/ssh_host_rsa_key.pub",
        "/etc/ssh/ssh_host_rsa_key-cert.pub",
        "/keys/a",
        "/keys/a.pub",
        "/keys/a-cert.pub",
        "/keys/elsewhere",
        "/etc/dropbear/dropbear_rsa_host_key",
        "/etc/dropbear-initramfs/dropbear_ecdsa_host_key",
    }
    guest = MemoryGuest(dict.fromkeys(found, "k"))
    guest.add("/etc/ssh/sshd_config", "HostKey /keys/a\nHostCertificate /keys/elsewhere\nHostKey /keys/not-there\n")
    guest.add("/etc/ssh/ssh_config", "")

    assert set(sshd.key_files(guest)) == found


def test_keys_are_overwritten_in_place_and_links_with_what_they_lead_to() -> None:
    guest = MemoryGuest(
        {
            "/etc/ssh/ssh_host_rsa_key": "hush",
            "/etc/ssh/ssh_host_ecdsa_key": Link("/keys/ecdsa"),
            "/etc/ssh/ssh_host_ed25519_key": Link("/nowhere"),
            "/keys/ecdsa": "hush",
        }
    )
    nodes = [guest.tree.get("/etc/ssh/ssh_host_rsa_key"), guest.tree.get("/keys/ecdsa")]

    sshd.remove_keys(guest)

    assert [node and node.content for node in nodes] == [bytes(4), bytes(4)]
    assert sshd.key_files(guest) == ()
    assert guest.ls("/keys") == ()
