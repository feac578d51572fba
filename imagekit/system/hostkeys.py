"""Who makes new SSH host keys at the next boot of a guest; and a unit of ours for guests where nobody does.

What each distribution brings, read from its own units and init scripts:

* Debian 12 and earlier: keys are made when the package is configured, and by nothing at boot.
* Debian 13: ``sshd-keygen.service`` has ConditionFirstBoot=yes, which an empty machine-id does not meet.
* Fedora, RHEL and kin: ``sshd-keygen@.service`` at each start of sshd, but a drop-in of cloud-init's stops it
  wherever cloud-init is active, also if cloud-init then finds no datasource and makes no keys either.
* SUSE: ``sshd-gen-keys-start`` at each start, unless /etc/sysconfig/ssh says no. Arch: ``sshdgenkeys.service``.
* Alpine, Gentoo: the init script, unless /etc/conf.d/sshd says no.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imagekit.diagnostics import Problem
from imagekit.guest import paths
from imagekit.system import cloudinit, sshd, units
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagekit.guest.facts import Init
    from imagekit.guest.protocol import Guest

UNIT = "imagekit-ssh-host-keys.service"
KEYGEN = "/usr/bin/ssh-keygen"
DROPBEAR_DEFAULTS = "/etc/default/dropbear"

Way = Literal["nothing", "native", "cloud-init", "unit", "refuse"]
Native = Literal["always", "first-boot", "none"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What decides who makes host keys.

    Attributes:
        server: OpenSSH's sshd is installed.
        init: what starts the guest.
        native: when the distribution's own generator runs.
        deferred: that generator stands back where cloud-init is active.
        cloud_init: cloud-init is installed and not switched off.
        keygen: /usr/bin/ssh-keygen is there.
        own_places: sshd_config names keys that no generator makes by itself.
    """

    server: bool
    init: Init
    native: Native = "none"
    deferred: bool = False
    cloud_init: bool = False
    keygen: bool = True
    own_places: bool = False


def keygen_path(seen: Evidence) -> Way:
    """Decide who makes the keys. A unit of ours beats cloud-init, which makes none if it finds no datasource."""
    if not seen.server:
        return "nothing"
    if seen.native == "always" and not (seen.deferred and seen.cloud_init) and not seen.own_places:
        return "native"
    if seen.init == "systemd" and seen.keygen:
        return "unit"
    if seen.init != "systemd" and seen.cloud_init and not seen.own_places:
        return "cloud-init"
    return "refuse"


def gather(guest: Guest) -> Evidence:
    """Read the evidence from the guest's files, as they are now."""
    systemd = guest.facts.init == "systemd"
    native, deferred = _systemd_generator(guest) if systemd else (_script_generator(guest), False)
    return Evidence(
        server=guest.exists("/usr/sbin/sshd") or guest.exists("/usr/bin/sshd"),
        init=guest.facts.init,
        native=native,
        deferred=deferred,
        cloud_init=cloudinit.is_active(guest),
        keygen=guest.exists(KEYGEN),
        own_places=any(key not in sshd.DEFAULT_KEYS for key in sshd.configured_keys(guest)),
    )


def _systemd_generator(guest: Guest) -> tuple[Native, bool]:
    server = units.unit_text(guest, "ssh.service") + units.unit_text(guest, "sshd.service")
    if "sshd-gen-keys-start" in server:
        off = re.search(r'^SSHD_AUTO_KEYGEN="?no', read_text(guest, "/etc/sysconfig/ssh"), re.MULTILINE)
        return ("none" if off else "always"), False
    for name, called in (
        ("sshd-keygen@.service", "sshd-keygen"),
        ("sshdgenkeys.service", "sshdgenkeys"),
        ("sshd-keygen.service", "sshd-keygen"),
    ):
        text = units.unit_text(guest, name)
        if text:
            drop_ins = units.drop_in_texts(guest, name)
            if re.search(r"^ConditionFirstBoot=(yes|true|1|on)\b", "\n".join((text, *drop_ins)), re.MULTILINE):
                return "first-boot", False
            return ("always" if called in server else "none"), any("cloud-init" in each for each in drop_ins)
    return "none", False


def _script_generator(guest: Guest) -> Native:
    off = re.search(
        r'^(sshd_disable_keygen|SSHD_DISABLE_KEYGEN)=["\']?yes', read_text(guest, "/etc/conf.d/sshd"), re.MULTILINE
    )
    return "always" if "ssh-keygen" in read_text(guest, "/etc/init.d/sshd") and not off else "none"


def ensure(guest: Guest, kinds: dict[str, str]) -> None:
    """Make sure that something makes new host keys at the next boot.

    Args:
        guest: whose keys are gone, or about to go.
        kinds: the algorithm of each key at a place of its own, by path; see ``key_kinds``.

    Raises:
        Problem: nothing would, and imagekit has no unit for this guest.
    """
    _ensure_dropbear(guest)
    way = keygen_path(gather(guest))
    if way == "unit":
        keys = sshd.configured_keys(guest)
        units.install_unit(guest, UNIT, unit_text(keys, kinds))
    elif way == "refuse":
        raise Problem(
            "",
            "nothing in this image would make new SSH host keys",
            why=f"a {guest.facts.init} guest without ssh-keygen, cloud-init or a start script that makes keys",
            fix="let the distribution's script make keys, or install cloud-init",
            code="IK-SSH-001",
        )


def key_kinds(guest: Guest) -> dict[str, str]:
    """Return the algorithm of each configured key that stands at a place of its own; read before keys are removed."""
    unit = read_text(guest, f"{units.ADMIN_UNITS}/{UNIT}")
    return {
        key: _kind(read_text(guest, f"{key}.pub"), unit, key)
        for key in sshd.configured_keys(guest)
        if key not in sshd.DEFAULT_KEYS
    }


def _kind(public: str, unit: str, path: str) -> str:
    asked = re.search(rf"-t (\w+) -N '' -f {re.escape(path)}(?:'|\"|\s|$)", unit)
    if asked:
        return asked[1]
    said = f"{public.partition(' ')[0]} {path.rpartition('/')[2]}".lower()
    return next((kind for kind in ("ed25519", "ecdsa", "rsa") if kind in said), "ed25519")


_UNIT_TEMPLATE = """\
[Unit]
Description=Make SSH host keys if this machine has none
DefaultDependencies=no
RequiresMountsFor={folders}
After=systemd-remount-fs.service systemd-random-seed.service
Before=cloud-init-local.service cloud-init-main.service
Before=sshd-keygen.service sshd-keygen.target sshdgenkeys.service
Before=ssh.service sshd.service ssh.socket sshd.socket
Before=shutdown.target
Conflicts=shutdown.target
{conditions}

[Service]
Type=oneshot
RemainAfterExit=yes
{commands}

[Install]
WantedBy=multi-user.target
"""


def unit_text(keys: Sequence[str], kinds: dict[str, str]) -> str:
    """Return our unit: it makes host keys if there are none, and never touches one that is there.

    It runs before cloud-init, so that the two never write the same file at once; cloud-init then replaces the keys
    of a new instance, as it would have done anyway. It has no default dependencies: the order before ssh.socket,
    which comes before basic.target, would else be a cycle.

    Args:
        keys: what sshd_config names; () for sshd's defaults.
        kinds: the algorithm of each key that is not a default one, by path.

    Raises:
        Problem: a key's path holds characters that a unit would have to quote.
    """
    own = [key for key in keys if key not in sshd.DEFAULT_KEYS]
    for key in own:
        if not re.fullmatch(r"[A-Za-z0-9_./+-]+", key):
            raise Problem(
                "",
                f"sshd_config names a host key at {key!r}, a path that imagekit does not quote in a unit",
                fix="give the key a path of letters, digits, dots and dashes",
                code="IK-SSH-003",
            )
    conditions = [f"ConditionPathExists=|!{key}" for key in own]
    commands = [
        f"ExecStart=/bin/sh -c \"test -s {key} || exec {KEYGEN} -q -t {kinds[key]} -N '' -f {key}\"" for key in own
    ]
    if len(own) < len(keys) or not keys:
        conditions.insert(0, "ConditionPathExistsGlob=|!/etc/ssh/ssh_host_*_key")
        commands.insert(0, f"ExecStart={KEYGEN} -A")
    return _UNIT_TEMPLATE.format(
        folders=" ".join(dict.fromkeys(["/etc/ssh", *(paths.parent(key) for key in own), KEYGEN])),
        conditions="\n".join(conditions),
        commands="\n".join(commands),
    )


def _ensure_dropbear(guest: Guest) -> None:
    if guest.glob_expand("/etc/{dropbear/initramfs,dropbear-initramfs}/dropbear_*_host_key"):
        raise Problem(
            "",
            "this image has dropbear host keys inside its initramfs",
            why="they would stay there, and imagekit does not rebuild the initramfs yet",
            fix="remove dropbear-initramfs in an earlier step",
            code="IK-SSH-002",
        )
    if guest.exists("/usr/sbin/dropbear") and guest.is_file(DROPBEAR_DEFAULTS):
        write_text(guest, DROPBEAR_DEFAULTS, with_keys_on_demand(read_text(guest, DROPBEAR_DEFAULTS)))


def with_keys_on_demand(text: str) -> str:
    """Return Debian's /etc/default/dropbear with ``-R`` among the arguments: make host keys as required, dropbear(8)."""
    line = re.search(r'^DROPBEAR_EXTRA_ARGS="?(?P<args>[^"\n]*)"?[ \t]*$', text, re.MULTILINE)
    if line and "-R" in line["args"].split():
        return text
    if line is None:
        return f'{text}{"" if text.endswith(chr(10)) or not text else chr(10)}DROPBEAR_EXTRA_ARGS="-R"\n'
    arguments = f"{line['args']} -R".strip()
    return f'{text[: line.start()]}DROPBEAR_EXTRA_ARGS="{arguments}"{text[line.end() :]}'


def who(guest: Guest) -> str:
    """Return who makes new host keys at the next boot as the guest is now, in one sentence; "" if nobody does."""
    way = keygen_path(gather(guest))
    if way == "unit":
        there = guest.exists(f"{units.ADMIN_UNITS}/multi-user.target.wants/{UNIT}")
        return f"{UNIT} makes them before sshd starts" if there else ""
    return {
        "nothing": "no SSH server is installed, so none are needed",
        "native": "the distribution makes them when sshd starts",
        "cloud-init": "cloud-init makes them for each new instance",
        "refuse": "",
    }[way]
