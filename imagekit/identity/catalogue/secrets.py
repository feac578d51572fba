"""Keys, tokens and password hashes, of services and of people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.identity.holds import private_key, says, something
from imagekit.identity.makers import ENROLMENT, NOT_NEEDED, Maker
from imagekit.identity.oldcopies import holds_accounts
from imagekit.identity.ways import Edited, Emptied, Removed, grouped, row
from imagekit.system.units import Job

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

_SNAKEOIL = "/etc/ssl/private/ssl-cert-snakeoil.key"
_SNAKEOIL_JOB = Job(
    "imagekit-snakeoil",
    "Make a new self-signed certificate",
    f"[ -s {_SNAKEOIL} ] || make-ssl-cert generate-default-snakeoil --force-overwrite\n",
    before=("apache2", "nginx", "postfix", "dovecot", "exim4", "postgresql"),
)
_RNDC_JOB = Job(
    "imagekit-rndc",
    "Make a new key to control BIND with",
    """\
[ -s /etc/bind/rndc.key ] && exit 0
rndc-confgen -a -c /etc/bind/rndc.key || exit 1
chown bind:bind /etc/bind/rndc.key
chmod 0640 /etc/bind/rndc.key
""",
    before=("named", "bind9"),
)
_UNBOUND_JOB = Job(
    "imagekit-unbound-control",
    "Make new keys to control unbound with",
    "[ -s /etc/unbound/unbound_server.key ] || unbound-control-setup\n",
    before=("unbound",),
)
_PACMAN_JOB = Job(
    "imagekit-pacman-key",
    "Make a new key ring for pacman",
    "[ -d /etc/pacman.d/gnupg/private-keys-v1.d ] || { pacman-key --init && pacman-key --populate; }\n",
)
_SNMP_ID = re.compile(r"^[ \t]*(?:oldEngineID|engineBoots|usmUser)[ \t].*\n?", re.MULTILINE)
_PUBLIC = re.compile(r"(?:-cert)?\.pub$")


def is_of_person(guest: Guest, path: str) -> bool:
    """Tell whether a file in ``~/.ssh`` is a private key, its public half, or a list of hosts; empty ones are none."""
    private = _PUBLIC.sub("", path)
    if private != path:
        return something(guest, private)
    return private_key(guest, path) if path.endswith(".pem") else something(guest, path)


def is_key_of_site(guest: Guest, path: str) -> bool:
    """Tell whether a file is a private key that the distribution did not make: Debian's dovecot links to snakeoil's."""
    return private_key(guest, path) and guest.realpath(path) != _SNAKEOIL


_WITHIN = {
    ".npmrc": says("_auth|_password", comments="#;"),
    ".pypirc": says("password", comments="#;"),
    ".my.cnf": says("pass(?:word|wd)?", comments="#;"),
    ".boto": says("secret|password|refresh_token", comments="#;"),
    "hosts.yml": says("oauth_token"),
    ".docker/config.json": says(r'"(?:auth|identitytoken|registrytoken|password)"\s*:\s*"[^"]', comments="#"),
    ".kube/config": says("token|password|client-key|secret"),
}
"""What of the files of settings that may hold a secret does: npm's, pip's, MySQL's, boto's, gh's, Docker's, kubectl's."""


def is_credential(guest: Guest, path: str) -> bool:
    """Tell whether a file in a home holds a token or a password, or may, if it is for nothing else."""
    for end, holds in _WITHIN.items():
        if path.endswith(f"/{end}"):
            return holds(guest, path)
    return something(guest, path)


ITEMS = grouped(
    "secrets",
    row(
        "ssh-user",
        "private keys and known hosts of people",
        Removed(("~/.ssh/{id_*,*.pem,known_hosts,known_hosts.old,environment}",), only=is_of_person),
        maker=NOT_NEEDED,
        brands=False,
    ),
    row(
        "authorized-keys",
        "keys that people log in with",
        Removed(("~/.ssh/{authorized_keys,authorized_keys2}",), only=says(r"\S")),
        severity="warning",
        default=False,
        brands=False,
        confidential=False,
        why="without cloud-init or a password nobody could log in any more",
    ),
    row(
        "snakeoil",
        "self-signed certificate of the package ssl-cert",
        Removed((_SNAKEOIL, "/etc/ssl/certs/ssl-cert-snakeoil.pem")),
        maker=Maker(job=_SNAKEOIL_JOB, program="/usr/sbin/make-ssl-cert"),
    ),
    row(
        "cockpit",
        "self-signed certificate of Cockpit",
        Removed(("/etc/cockpit/ws-certs.d/0-self-signed*",)),
        maker=Maker(always="Cockpit makes one when it starts"),
    ),
    row(
        "tls-local",
        "private keys of TLS",
        Removed(
            (
                "/etc/pki/tls/private/*.key",
                "/etc/ssl/private/*.key",
                "/etc/dovecot/private/*",
                "/etc/exim4/exim.key",
                "/etc/stunnel/*.pem",
            ),
            only=is_key_of_site,
        ),
        severity="warning",
        default=False,
        brands=False,
        why="nobody makes new ones, and the services that use them would not start",
    ),
    row(
        "rndc",
        "key to control BIND with",
        Removed(("/etc/bind/rndc.key",)),
        maker=Maker(job=_RNDC_JOB, program="/usr/sbin/rndc-confgen"),
    ),
    row(
        "unbound",
        "keys to control unbound with",
        Removed(("/etc/unbound/unbound_{server,control}.{key,pem}",)),
        maker=Maker(job=_UNBOUND_JOB, program="/usr/sbin/unbound-control-setup"),
    ),
    row(
        "domain",
        "membership of a Kerberos, Active Directory or IPA domain",
        Removed(
            (
                "/etc/krb5.keytab",
                "/var/lib/samba/private/*",
                "/var/lib/samba/*.tdb",
                "/var/lib/sss/{db,mc,secrets}/*",
                "/etc/ipa/{ca.crt,default.conf}",
                "/var/lib/ipa-client/{sysrestore,pki}/*",
            ),
            only=something,
        ),
        maker=ENROLMENT,
    ),
    row(
        "mysql",
        "UUID of a MySQL server",
        Removed(("/var/lib/mysql/auto.cnf",)),
        maker=Maker(always="mysqld makes one when it starts"),
        why="two servers of one UUID cannot replicate from each other",
    ),
    row(
        "erlang-cookie",
        "cookie of RabbitMQ's nodes",
        Removed(("/var/lib/rabbitmq/.erlang.cookie",)),
        maker=Maker(always="Erlang makes one when it starts"),
    ),
    row(
        "corosync",
        "key of a corosync cluster",
        Removed(("/etc/corosync/authkey",)),
        severity="warning",
        default=False,
        brands=False,
        why="all nodes of one cluster share it",
    ),
    row(
        "credentials",
        "tokens and passwords in homes",
        Removed(
            (
                "~/.aws/{credentials,sso/cache/*,cli/cache/*}",
                "~/.azure/{azureProfile.json,accessTokens.json,{msal_token_cache,service_principal_entries}.{json,bin}}",
                "~/.config/gcloud/{credentials.db,access_tokens.db,application_default_credentials.json}",
                "~/.config/gcloud/legacy_credentials/*",
                "~/.kube/config",
                "~/.docker/config.json",
                "~/{.netrc,.git-credentials,.npmrc,.pypirc,.vault-token,.pgpass,.my.cnf,.boto}",
                "~/.config/gh/hosts.yml",
                "~/.terraform.d/credentials*",
            ),
            only=is_credential,
        ),
        maker=NOT_NEEDED,
        brands=False,
    ),
    row(
        "gpg",
        "private keys of GnuPG, and key rings of desktops",
        Removed(
            ("~/.gnupg/{private-keys-v1.d/*,secring.gpg,random_seed}", "~/.local/share/keyrings/*"),
            only=lambda guest, path: something(guest, path) and paths.name(path) != "default",
        ),
        maker=NOT_NEEDED,
        brands=False,
    ),
    row(
        "backups",
        "old copies of accounts, with password hashes",
        Removed(
            (
                "/etc/{passwd,shadow,group,gshadow,subuid,subgid}-",
                "/etc/security/opasswd.old",
                "/var/backups/{passwd,shadow,group,gshadow}.bak",
            ),
            only=holds_accounts,
        ),
        Emptied(("/etc/security/opasswd",), only=says(r"\S")),
        Emptied(("/var/cache/debconf/passwords.dat",), only=says(r"^Value:[ \t]*\S")),
        maker=NOT_NEEDED,
        severity="warning",
        brands=False,
    ),
    row(
        "old-configs",
        "old copies of configuration",
        Removed(("/etc/{,*/,*/*/}*{~,.bak,.dpkg-old,.rpmsave}",), only=lambda guest, path: guest.is_file(path)),
        maker=NOT_NEEDED,
        severity="note",
        brands=False,
        confidential=False,
    ),
    row(
        "sudo",
        "who has been lectured by sudo",
        Removed(("/var/lib/sudo/{lectured,ts}/*",)),
        maker=NOT_NEEDED,
        severity="note",
        brands=False,
    ),
    row(
        "pacman-keys",
        "key that pacman trusts others by",
        Removed(("/etc/pacman.d/gnupg/*",)),
        maker=Maker(job=_PACMAN_JOB, program="/usr/bin/pacman-key"),
    ),
    row(
        "tor",
        "keys of a Tor relay",
        Removed(("/var/lib/tor/keys/*",)),
        maker=Maker(always="tor makes them when it starts"),
    ),
    row(
        "snmp",
        "engine id of the SNMP agent, and users made with it",
        Edited(("/var/lib/snmp/snmpd.conf",), lambda text: _SNMP_ID.sub("", text)),
        maker=Maker(always="snmpd makes an id when it starts; users are to be made again"),
    ),
    row(
        "mail-passwords",
        "passwords for mail servers",
        Removed(("/etc/exim4/passwd.client", "/etc/postfix/sasl_passwd*"), only=says(r"\S")),
        severity="warning",
        default=False,
        brands=False,
        why="they are configuration, and mail would not leave the clone",
    ),
    row(
        "cups",
        "self-signed certificate and subscriptions of CUPS",
        Removed(("/etc/cups/ssl/*", "/etc/cups/subscriptions.conf*", "/var/spool/cups/[cd][0-9]*"), only=something),
        maker=Maker(always="cupsd makes a certificate when it needs one"),
    ),
    row(
        "paired-devices",
        "fingerprints, and Bluetooth devices that were paired",
        Removed(("/var/lib/fprint/*", "/var/lib/bluetooth/*")),
        maker=NOT_NEEDED,
        severity="warning",
        brands=False,
    ),
)
