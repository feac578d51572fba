"""Who makes new SSH host keys at the next boot of a guest, and why nobody would.

What each distribution brings, read from its own units and init scripts:

* Debian 12 and earlier, Ubuntu: keys are made when the package is configured, and by nothing at boot.
* Debian 13: ``sshd-keygen.service`` has ConditionFirstBoot=yes, which an empty machine-id does not meet.
* Fedora, RHEL and kin: ``sshd-keygen@.service`` at each start of sshd, but a drop-in of cloud-init's stops it
  wherever cloud-init is active, also if cloud-init then finds no datasource and makes no keys either.
* SUSE: ``sshd-gen-keys-start`` at each start, unless /etc/sysconfig/ssh says no. Arch: ``sshdgenkeys.service``.
* Alpine, Gentoo: the init script, unless /etc/conf.d/sshd says no. So does that of old releases of RHEL and SUSE.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imagekit.system import cloudinit, sshd, units
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from imagekit.guest.facts import Init
    from imagekit.guest.protocol import Guest

KEYGEN = "/usr/bin/ssh-keygen"
_SCRIPTS = ("/etc/init.d/sshd", "/etc/init.d/ssh", "/etc/rc.d/init.d/sshd")
_SERVER_UNITS = ("ssh.service", "sshd.service", "ssh@.service", "sshd@.service")
_GENERATOR_UNITS = (
    ("sshd-keygen@.service", "sshd-keygen.target"),
    ("sshdgenkeys.service", "sshdgenkeys.service"),
    ("sshd-keygen.service", "sshd-keygen.service"),
)
"""Units that make keys, and what the server's units call to have them started."""
_OFF = {
    "/etc/sysconfig/ssh": r"SSHD_AUTO_KEYGEN=[\"']?no",
    "/etc/sysconfig/sshd": r"AUTOCREATE_SERVER_KEYS=[\"']?no",
    "/etc/conf.d/sshd": r"sshd_disable_keygen=[\"']?(?:yes|true|on|1)",
}
"""Settings that switch a distribution's own generator off, by the file that holds them."""

Way = Literal["nothing", "native", "cloud-init", "unit", "refuse"]
Native = Literal["always", "first-boot", "none"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What decides who makes host keys.

    Attributes:
        server: OpenSSH's sshd is installed.
        init: what starts the guest.
        native: when the distribution's own generator runs.
        generator: its name; "" if there is none.
        switch: the file by which it was switched off; "" if it was not.
        deferred: it stands back where cloud-init is active.
        cloud_init: cloud-init is installed and not switched off.
        cloud_keys: and its configuration has it make host keys.
        keygen: /usr/bin/ssh-keygen is there.
        own_places: the configuration names keys that no generator makes by itself.
    """

    server: bool
    init: Init
    native: Native = "none"
    generator: str = ""
    switch: str = ""
    deferred: bool = False
    cloud_init: bool = False
    cloud_keys: bool = False
    keygen: bool = True
    own_places: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who makes the keys, and the fact behind it in one sentence without its end."""

    way: Way
    why: str


def decide(seen: Evidence) -> Verdict:
    """Decide who makes the keys. A unit of ours beats cloud-init, which makes none if it finds no datasource."""
    if not seen.server:
        return Verdict("nothing", "no OpenSSH server is installed")
    if seen.native == "always" and not (seen.deferred and seen.cloud_init) and not seen.own_places:
        return Verdict("native", f"{seen.generator} makes missing keys whenever sshd starts")
    why = _why_not_native(seen)
    if not seen.keygen:
        return Verdict("refuse", f"{KEYGEN} is not installed")
    if seen.init != "unknown":
        return Verdict("unit", why)
    return Verdict("cloud-init" if seen.cloud_keys and not seen.own_places else "refuse", why)


def _why_not_native(seen: Evidence) -> str:
    if seen.own_places:
        maker = f"{seen.generator} does not make" if seen.generator else "nothing in this image makes"
        return f"the configuration names keys that {maker}"
    if seen.switch:
        return f"{seen.generator} was switched off in {seen.switch}"
    if seen.native == "first-boot":
        return f"{seen.generator} runs only at a first boot, and none follows an empty machine-id"
    if seen.native == "always":
        return f"{seen.generator} leaves it to cloud-init, which makes no keys if it finds no datasource"
    if seen.cloud_keys:
        return "cloud-init makes no keys if it finds no datasource, and nothing else makes them at boot"
    return "keys were made when the package was installed, and nothing makes them at boot"


def gather(guest: Guest) -> Evidence:
    """Read the evidence from the guest's files, as they are now."""
    native, generator, deferred = _by_systemd(guest) if guest.facts.init == "systemd" else _by_script(guest)
    switch = next((path for path, setting in _OFF.items() if generator and _is_set(guest, path, setting)), "")
    active = cloudinit.is_active(guest)
    return Evidence(
        server=guest.exists("/usr/sbin/sshd") or guest.exists("/usr/bin/sshd"),
        init=guest.facts.init,
        native="none" if switch else native,
        generator=generator,
        switch=switch,
        deferred=deferred,
        cloud_init=active,
        cloud_keys=active and _cloud_init_makes_keys(guest),
        keygen=guest.exists(KEYGEN),
        own_places=any(key not in sshd.STANDARD_KEYS for key in sshd.configured_keys(guest)),
    )


def _is_set(guest: Guest, path: str, setting: str) -> bool:
    return bool(re.search(rf"^[ \t]*{setting}\b", read_text(guest, path), re.MULTILINE | re.IGNORECASE))


def _by_systemd(guest: Guest) -> tuple[Native, str, bool]:
    """Return when a generator of the distribution runs, its name, and whether it stands back for cloud-init."""
    server = "".join(units.unit_text(guest, name) for name in _SERVER_UNITS)
    if script := re.search(r"^ExecStartPre=\W*(/\S*/(sshd-gen-keys-start))", server, re.MULTILINE):
        # Leap 15.0 and earlier made none if any HostKey was configured.
        minds_own = "HostKey" in read_text(guest, script[1]) and bool(sshd.configured_keys(guest))
        return ("none" if minds_own else "always"), script[2], False
    for name, called in _GENERATOR_UNITS:
        text = units.unit_text(guest, name)
        if text:
            drop_ins = units.drop_in_texts(guest, name)
            conditions = _conditions("\n".join((text, *drop_ins)))
            if any(re.fullmatch(r"ConditionFirstBoot=(?:yes|true|1|on|y|t)", each) for each in conditions):
                return "first-boot", name, False
            runs = _is_called(guest, server, called) or _is_wanted(guest, name)
            deferred = any("cloud-init" in line for line in conditions)
            return ("always" if runs else "none"), name, deferred
    return "none", "", False


def _conditions(text: str) -> tuple[str, ...]:
    """Return the conditions of a unit and its drop-ins; an empty one takes back all before it, systemd.unit(5)."""
    found: list[str] = []
    for line in (line.strip().replace(" ", "") for line in text.splitlines()):
        if re.fullmatch(r"Condition\w+=", line):
            found.clear()
        elif line.startswith("Condition"):
            found.append(line)
    return tuple(found)


def _is_called(guest: Guest, server: str, called: str) -> bool:
    wanted = re.search(
        rf"^(?:Wants|Requires)=.*(?<!\S){re.escape(called)}(?!\S)", server.replace("=", "= "), re.MULTILINE
    )
    return bool(wanted) and (not called.endswith(".target") or bool(units.unit_text(guest, called)))


def _is_wanted(guest: Guest, name: str) -> bool:
    return bool(guest.glob_expand(f"{units.ADMIN_UNITS}/{{multi-user.target,ssh.service,sshd.service}}.wants/{name}"))


def _by_script(guest: Guest) -> tuple[Native, str, bool]:
    for path in _SCRIPTS:
        code = [line for line in read_text(guest, path).splitlines() if not line.lstrip().startswith("#")]
        if any("ssh-keygen" in line or "sshd-keygen" in line for line in code):
            return "always", path, False
    return "none", "", False


def _cloud_init_makes_keys(guest: Guest) -> bool:
    """Tell whether the module ssh runs, and is left a type of key to make (cc_ssh.py of cloud-init)."""
    lists = [value for _, value in cloudinit.settings(guest, "cloud_init_modules")]
    types = [value for _, value in cloudinit.settings(guest, "ssh_genkeytypes")]
    runs = not lists or "'ssh'" in repr(lists[-1])
    return runs and (not types or bool(types[-1]))
