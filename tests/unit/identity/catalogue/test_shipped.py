"""What packages ship in the places of identities, word for word where it matters: none of it is a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.identity.catalogue import load_catalogue
from imagekit.testing.memory import Dir, Link

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

ITEMS = {item.id: item for item in load_catalogue()}
PAP = """\
#
# /etc/ppp/pap-secrets
#
# Every regular user can use PPP and has to use passwords from /etc/passwd
*\thostname\t""\t*

guest\thostname\t"*"\t-
master\thostname\t"*"\t-
#\t*\tpassword
"""
CRONTAB = """\
# do daily/weekly/monthly maintenance
# min\thour\tday\tmonth\tweekday\tcommand
*/15\t*\t*\t*\t*\trun-parts /etc/periodic/15min
0\t*\t*\t*\t*\trun-parts /etc/periodic/hourly

"""
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
SHIPPED = [
    # vpn-keys
    ("vpn-keys", "/etc/ppp/pap-secrets", PAP),
    ("vpn-keys", "/etc/ppp/chap-secrets", "# Secrets for authentication using CHAP\n# client\tserver\tsecret\tIP\n"),
    ("vpn-keys", "/etc/ipsec.secrets", "# This file holds shared secrets or RSA private keys.\n"),
    ("vpn-keys", "/etc/ipsec.secrets", "include /etc/ipsec.d/*.secrets\n"),
    ("vpn-keys", "/etc/ipsec.d/private", Dir()),
    ("vpn-keys", "/etc/wireguard/wg0.conf", "[Interface]\nPostUp = wg set %i private-key /run/key\n"),
    # keys and secrets of services
    ("tls-local", "/etc/dovecot/private/dovecot.pem", CERTIFICATE),
    ("tls-local", "/etc/stunnel/ca.pem", CERTIFICATE),
    ("mail-passwords", "/etc/exim4/passwd.client", "# password file used when the local exim is a client\n#\n"),
    ("ntp-keys", "/etc/chrony/chrony.keys", "# This file is for NTP authentication.\n#1 MD5 AVeryLongPassword\n"),
    ("cups", "/var/spool/cups/tmp", Dir()),
    ("cups", "/etc/cups/ssl", Dir()),
    ("domain", "/var/lib/samba/private/msg.sock", Dir()),
    ("domain", "/var/lib/sss/db", Dir()),
    ("backups", "/etc/shadow-", "root:*:19000:0:99999:7:::\n"),
    ("backups", "/etc/passwd-", "root:x:0:0:root:/root:/bin/bash\n"),
    ("backups", "/etc/subuid-", ""),
    ("backups", "/etc/security/opasswd", ""),
    ("backups", "/var/cache/debconf/passwords.dat", "Name: x/password\nTemplate: x/password\nValue: \nFlags: seen\n"),
    # people
    ("ssh-user", "/root/.ssh/known_hosts", ""),
    ("ssh-user", "/root/.ssh/id_ed25519.pub", "ssh-ed25519 AAAA ada\n"),
    ("ssh-user", "/root/.ssh/ca.pem", CERTIFICATE),
    ("authorized-keys", "/root/.ssh/authorized_keys", ""),
    ("authorized-keys", "/root/.ssh/authorized_keys", "# keys of people\n\n"),
    ("credentials", "/etc/skel/.npmrc", "fund=false\n;_authToken=x\n"),
    ("credentials", "/root/.docker/config.json", '{"auths": {}, "detachKeys": "ctrl-e"}\n'),
    ("credentials", "/root/.docker/config.json", '{"auths": {"r": {"auth": ""}}, "credsStore": "pass"}\n'),
    ("credentials", "/root/.kube/config", "apiVersion: v1\nkind: Config\nclusters: []\nusers: []\n"),
    ("credentials", "/root/.my.cnf", "[client]\nhost = localhost\n"),
    ("credentials", "/root/.pypirc", "[distutils]\nindex-servers = pypi\n"),
    ("gpg", "/root/.gnupg/secring.gpg", ""),
    ("gpg", "/root/.gnupg/private-keys-v1.d", Dir()),
    ("gpg", "/root/.local/share/keyrings/default", "login"),
    # network
    ("dhclient", "/var/lib/dhcp/dhclient.leases", ""),
    ("udev-net", "/etc/systemd/network/10-lan.link", "[Match]\n#MACAddress=52:54:00:12:34:56\nDriver=virtio_net\n"),
    ("ifcfg", "/etc/sysconfig/network-scripts/ifcfg-eth0", 'DEVICE=eth0\nHWADDR=\nUUID=""\nBOOTPROTO=dhcp\n'),
    ("nm-cards", "/etc/NetworkManager/system-connections/a.nmconnection", "[ethernet]\nmac-address=\n"),
    ("networkd", "/etc/systemd/networkd.conf", "[DHCPv4]\n#DUIDRawData=\nDUIDRawData=\n"),
    ("resolv", "/etc/resolv.conf", "nameserver 127.0.0.1\nnameserver ::1\n"),
    ("nvme-hostnqn", "/etc/nvme/hostnqn", ""),
    ("popcon", "/etc/popularity-contest.conf", 'PARTICIPATE="no"\nMY_HOSTID=""\n'),
    ("gce", "/etc/default/instance_configs.cfg", "[Instance]\ninstance_id = 0\ninstance_id_dir = /etc\n"),
    ("credentials", "/root/.azure/az.json", "{}"),
    ("credentials", "/root/.config/gcloud/active_config", "default"),
    # traces
    ("histories", "/root/.bash_history", Link("/dev/null")),
    ("histories", "/root/.bash_history", ""),
    ("crontabs", "/var/spool/cron/crontabs/root", CRONTAB),
    ("crontabs", "/var/spool/cron/crontabs/ada", "# m h dom mon dow command\n"),
    ("anacron", "/var/spool/anacron/cron.daily", ""),
    ("logrotate", "/var/lib/logrotate/logrotate.status", ""),
    ("mail", "/var/spool/mail/ada", ""),
    ("package-cache", "/var/cache/PackageKit/downloads", Dir()),
    ("tmp", "/tmp/.X11-unix", Dir()),
    ("tmp", "/tmp/lost+found", Dir()),
]


@pytest.mark.parametrize(("name", "path", "entry"), SHIPPED)
def test_what_is_shipped_is_no_identity(debian: MemoryGuest, name: str, path: str, entry: str | Dir | Link) -> None:
    before = ITEMS[name].detect(debian)
    debian.add(path, entry)

    assert ITEMS[name].detect(debian) == before


LIVED = [
    ("vpn-keys", "/etc/ppp/pap-secrets", PAP + '"me@isp"\t*\t"hunter2"\n'),
    ("vpn-keys", "/etc/ipsec.secrets", ': PSK "hunter2"\n'),
    ("vpn-keys", "/etc/wireguard/wg0.conf", "[Peer]\nPresharedKey = x\n"),
    ("mail-passwords", "/etc/exim4/passwd.client", "# x\nmail.example.org:me:hunter2\n"),
    ("ntp-keys", "/etc/chrony/chrony.keys", "# x\n1 MD5 hunter2\n"),
    ("cups", "/var/spool/cups/d00001-001", "%PDF"),
    ("backups", "/var/cache/debconf/passwords.dat", "Name: x/password\nValue: hunter2\n"),
    ("authorized-keys", "/root/.ssh/authorized_keys", "# ada\nssh-ed25519 AAAA\n"),
    ("credentials", "/root/.npmrc", "//registry.example.org/:_authToken=x\n"),
    ("credentials", "/root/.docker/config.json", '{"auths": {"r": {"auth": "bWU6aHVudGVyMg=="}}}\n'),
    ("credentials", "/root/.kube/config", "users:\n- user:\n    client-key-data: x\n"),
    ("credentials", "/root/.my.cnf", "[client]\npassword = x\n"),
    ("credentials", "/root/.pypirc", "[pypi]\npassword = x\n"),
    ("credentials", "/root/.netrc", "machine x"),
    ("credentials", "/root/.azure/msal_token_cache.bin", "x"),
    ("credentials", "/root/.config/gcloud/credentials.db", "x"),
    ("random-seed", "/var/lib/seedrng/seed.no-credit", "x"),
    ("aws", "/var/lib/amazon/ssm/registration", "{}"),
    ("gce", "/etc/google_instance_id", "42"),
    ("resolv", "/etc/resolv.conf", "nameserver 192.0.2.53\n"),
    ("crontabs", "/var/spool/cron/crontabs/root", CRONTAB + "5 0 * * * /root/backup\n"),
    ("tmp", "/tmp/.X11-unix/x", "x"),
]


@pytest.mark.parametrize(("name", "path", "entry"), LIVED)
def test_what_somebody_added_to_it_is_one(debian: MemoryGuest, name: str, path: str, entry: str) -> None:
    debian.add(path, entry)

    assert [there for there in ITEMS[name].detect(debian) if path.startswith(there)] != []


def test_a_public_key_goes_with_its_private_half(debian: MemoryGuest) -> None:
    for name in ("id_rsa", "id_rsa.pub", "id_rsa-cert.pub"):
        debian.add(f"/root/.ssh/{name}", "x")
    ITEMS["ssh-user"].reset(debian)

    assert debian.ls("/root/.ssh") == ()


def test_a_link_to_the_certificate_of_the_distribution_is_no_key_of_a_site(debian: MemoryGuest) -> None:
    debian.add("/etc/ssl/private/ssl-cert-snakeoil.key", "-----BEGIN PRIVATE KEY-----\n")
    debian.add("/etc/dovecot/private/dovecot.key", Link("/etc/ssl/private/ssl-cert-snakeoil.key"))

    assert ITEMS["tls-local"].detect(debian) == ()
