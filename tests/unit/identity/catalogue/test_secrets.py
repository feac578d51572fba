from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.identity.catalogue.secrets import ITEMS

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

SECRETS = {item.id: item for item in ITEMS}


def test_private_keys_go_from_every_home_and_who_may_log_in_stays(debian: MemoryGuest) -> None:
    debian.write_append("/etc/passwd", "ada:x:1000:1000::/srv/ada:/bin/sh\n")
    for path in (
        "/root/.ssh/id_rsa",
        "/srv/ada/.ssh/id_rsa",
        "/srv/ada/.ssh/known_hosts",
        "/home/formeruser/.ssh/x.pem",
    ):
        debian.add(path, "x")
    debian.add("/srv/ada/.ssh/authorized_keys", "x")
    debian.add("/srv/ada/.ssh/config", "x")
    SECRETS["ssh-user"].reset(debian)

    assert debian.ls("/srv/ada/.ssh") == ("authorized_keys", "config")
    assert (debian.ls("/root/.ssh"), debian.ls("/home/formeruser/.ssh")) == ((), ())


@pytest.mark.parametrize(
    ("name", "program", "held", "started_before"),
    [
        ("snakeoil", "/usr/sbin/make-ssl-cert", "/etc/ssl/private/ssl-cert-snakeoil.key", "postfix.service"),
        ("rndc", "/usr/sbin/rndc-confgen", "/etc/bind/rndc.key", "named.service"),
        ("unbound", "/usr/sbin/unbound-control-setup", "/etc/unbound/unbound_server.key", "unbound.service"),
    ],
)
def test_a_job_makes_a_new_key_before_who_needs_it_starts(
    debian, name: str, program: str, held: str, started_before: str
) -> None:
    debian.add(program, "")
    debian.add(held, "secret")
    SECRETS[name].reset(debian)
    (service,) = debian.glob_expand("/etc/systemd/system/imagekit-*.service")

    assert not debian.exists(held)
    assert started_before in debian.read_file(service).decode()
    assert f"[ -s {held} ]".encode() in debian.read_file(debian.glob_expand("/usr/local/libexec/imagekit/*")[0])


def test_a_certificate_of_the_distribution_is_no_key_of_a_site(debian: MemoryGuest) -> None:
    debian.add("/etc/ssl/private/ssl-cert-snakeoil.key", "x")

    assert SECRETS["tls-local"].detect(debian) == ()


def test_the_engine_id_of_snmp_goes_with_the_users_made_with_it(debian: MemoryGuest) -> None:
    debian.add("/var/lib/snmp/snmpd.conf", "setserialno 1\noldEngineID 0x80\nengineBoots 2\nusmUser 1 3 0x80 x\n")
    SECRETS["snmp"].reset(debian)

    assert debian.read_file("/var/lib/snmp/snmpd.conf") == b"setserialno 1\n"


def test_old_copies_of_accounts_go_and_where_old_passwords_are_kept_stays_empty(debian: MemoryGuest) -> None:
    for path in ("/etc/shadow-", "/var/backups/shadow.bak", "/etc/security/opasswd"):
        debian.add(path, "ada:$y$j9T$salt$hash:1::::::\n")
    SECRETS["backups"].reset(debian)

    assert debian.glob_expand("/{etc/shadow-,var/backups/*}") == ()
    assert debian.read_file("/etc/security/opasswd") == b""
    assert debian.exists("/etc/shadow")


@pytest.mark.parametrize("path", ["/etc/fstab.bak", "/etc/ssh/sshd_config~", "/etc/a/b/c.rpmsave", "/etc/x.dpkg-old"])
def test_old_copies_of_configuration_are_found_two_folders_deep(debian: MemoryGuest, path: str) -> None:
    debian.add(path, "x")
    debian.add("/etc/x.rpmnew", "x")
    debian.add("/etc/folder.bak/x", "x")

    assert SECRETS["old-configs"].detect(debian) == (path,)
