from __future__ import annotations

import pytest

from imagekit.system import sshd
from imagekit.testing.memory import Link, MemoryGuest

CONFIG = "/etc/ssh/sshd_config"


@pytest.mark.parametrize(
    ("line", "directive"),
    [
        ("HostKey /a", ("hostkey", ("/a",))),
        ("  hostkey=/a", ("hostkey", ("/a",))),
        ("HostKey = /a", ("hostkey", ("/a",))),
        ("HostKey =/a", ("hostkey", ("/a",))),
        ("HostKey= /a", ("hostkey", ("/a",))),
        ("HostKey\t/a\r", ("hostkey", ("/a",))),
        ('HostKey "/a b" # mine', ("hostkey", ("/a b",))),
        ("HostKey '/a b'", ("hostkey", ("/a b",))),
        ("HostKey /a#b", ("hostkey", ("/a#b",))),
        ('"HostKey" /a', ("hostkey", ("/a",))),
        ("UsePAM", ("usepam", ())),
        ('Banner "open', ("banner", ('"open',))),
        ("SetEnv A=b C=d", ("setenv", ("A=b", "C=d"))),
    ],
)
def test_a_directive_has_several_forms(line: str, directive: tuple[str, tuple[str, ...]]) -> None:
    assert list(sshd.directives(f"# comment\n\n{line}\n")) == [directive]


# Which files count.
def test_included_files_count_wherever_the_pattern_is_relative_to() -> None:
    guest = MemoryGuest(
        {
            CONFIG: 'Include sshd_config.d/*.conf "/with space.conf"\nHostKey /c\nHostKey none\n',
            "/etc/ssh/sshd_config.d/b.conf": "HostKey /b\n",
            "/etc/ssh/sshd_config.d/a.conf": "HostKey /a\nHostKey /c\n",
            "/etc/ssh/sshd_config.d/off.disabled": "HostKey /no\n",
            "/with space.conf": "include deeper.conf\n",
            "/etc/ssh/deeper.conf": "HostKey /d\n",
        }
    )

    assert sshd.configured_keys(guest) == ("/a", "/c", "/b", "/d")


def test_a_file_that_includes_itself_ends() -> None:
    guest = MemoryGuest({CONFIG: "HostKey /a\nInclude /etc/ssh/sshd_config /etc/ssh/sshd_config\n" * 20})

    assert sshd.configured_keys(guest) == ("/a",)


def test_the_shipped_configuration_is_read_if_there_is_no_other() -> None:
    guest = MemoryGuest({"/usr/etc/ssh/sshd_config": "HostKey /a\n"})
    shipped = sshd.configured_keys(guest)
    guest.add(CONFIG, "HostKey /b\n")

    assert (shipped, sshd.configured_keys(guest)) == (("/a",), ("/b",))


def test_a_match_block_ends_with_its_file_and_names_no_host_key() -> None:
    guest = MemoryGuest(
        {
            CONFIG: "Include /m.conf\nHostKey /a\nMatch User x\n  HostKey /no\n  Include /n.conf\n",
            "/m.conf": "HostKey /b\nmatch all\nHostKey /no\n",
            "/n.conf": "HostKey /no\n",
        }
    )

    assert sshd.configured_keys(guest) == ("/b", "/a")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/lib/systemd/system/ssh.service", "[Service]\nExecStartPre=/usr/sbin/sshd -t\nExecStart=/usr/sbin/sshd {}\n"),
        ("/usr/lib/systemd/system/sshd-second.service", "ExecStart=-@/usr/sbin/sshd sshd -D {}\n"),
        ("/etc/systemd/system/ssh.service.d/keys.conf", "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D {}\n"),
        ("/etc/default/ssh", 'SSHD_OPTS="-4 {}"\n'),
        ("/etc/sysconfig/sshd", "OPTIONS='{}'\n"),
        ("/etc/conf.d/sshd", 'export SSHD_OPTS="{}" # more\n'),
    ],
)
def test_what_sshd_is_started_with_counts_too(path: str, text: str) -> None:
    options = "-f /etc/ssh/second -h /h -c /cert -o HostKey=/o -oHostKey=/p"
    guest = MemoryGuest({CONFIG: "HostKey /a\nHostCertificate /a.cert\n", "/etc/ssh/second": "HostKey /b\n"})
    guest.add(path, text.format(options))

    assert sshd.named(guest) == sshd.Named(("/a", "/b", "/o", "/p", "/h"), ("/a.cert", "/cert"))


def test_openrc_names_the_configuration_by_a_variable() -> None:
    guest = MemoryGuest({"/etc/conf.d/sshd": 'SSHD_CONFIG="/srv/sshd"\n', "/srv/sshd": "HostKey /a\n"})

    assert sshd.configured_keys(guest) == ("/a",)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/default/ssh", '# SSHD_OPTS="-h /no"\nSSHD_OPTS=\n'),
        ("/etc/conf.d/sshd", 'SSHD_CONFIG="${SSHD_CONFDIR}/sshd_config"\nSSHD_CONFIG=\n'),
        ("/lib/systemd/system/sshdgenkeys.service", "ExecStart=/usr/bin/ssh-keygen -q -f /no -h /no\n"),
        ("/lib/systemd/system/ssh-agent.service", "ExecStart=/usr/bin/ssh-agent -h /no\n"),
    ],
)
def test_what_something_else_is_started_with_does_not(path: str, text: str) -> None:
    guest = MemoryGuest({path: text, "/no": "HostKey /never\n"})

    assert sshd.configured_keys(guest) == ()


# What is named.
@pytest.mark.parametrize(
    ("named", "path"),
    [("/srv//a/../a", "/srv/a/../a"), ("keys/a", "/keys/a"), ("/srv/agent.pub", "/srv/agent")],
)
def test_a_key_is_known_by_the_path_of_its_private_half(named: str, path: str) -> None:
    assert sshd.configured_keys(MemoryGuest({CONFIG: f"HostKey {named}\n"})) == (path,)


def test_every_file_that_is_a_host_key_is_found() -> None:
    found = {
        "/etc/ssh/ssh_host_key",
        "/etc/ssh/ssh_host_rsa_key",
        "/etc/ssh/ssh_host_rsa_key.pub",
        "/etc/ssh/ssh_host_rsa_key-cert.pub",
        "/keys/a",
        "/keys/a.pub",
        "/keys/a-cert.pub",
        "/keys/elsewhere",
    }
    guest = MemoryGuest(dict.fromkeys(found, "k"))
    guest.add(CONFIG, "HostKey /keys/a\nHostCertificate /keys/elsewhere\nHostKey /keys/not-there\n")
    guest.add("/etc/ssh/ssh_host_linked_key", Link("/nowhere"))
    for other in ("ssh_config", "moduli", "ssh_known_hosts"):
        guest.add(f"/etc/ssh/{other}", "x")

    assert set(sshd.key_files(guest)) == {*found, "/etc/ssh/ssh_host_linked_key"}
