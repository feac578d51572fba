"""The SSH host keys of a guest, of whichever server: found, removed, and made sure to come back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system import dropbear, keyunit, presets, sshd, tinyssh, units
from imagekit.system.keymakers import decide, gather
from imagekit.system.services.init import init_of
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from imagekit.guest.protocol import Guest

_UNIT_PATH = f"{units.ADMIN_UNITS}/{keyunit.UNIT}"


def key_files(guest: Guest) -> tuple[str, ...]:
    """Return every file that is a host key, a public half or a certificate of one; empty ones included."""
    return tuple(sorted({*sshd.key_files(guest), *dropbear.key_files(guest), *tinyssh.key_files(guest)}))


def remove(guest: Guest, spare: Collection[str] = ()) -> None:
    """Overwrite every host key in place and remove it; of a link, the key that it leads to as well."""
    files = [path for path in key_files(guest) if path not in spare]
    there = [path for path in files if guest.is_file(path, followsymlinks=True) and guest.realpath(path) not in spare]
    guest.erase(*there)
    for path in files:
        if guest.is_symlink(path) and not guest.exists(path):
            guest.rm_f(path)
    tinyssh.make_room(guest)


def key_kinds(guest: Guest) -> dict[str, str]:
    """Return the algorithm of each configured key that stands at a place of its own; read before keys are removed."""
    ours = read_text(guest, _UNIT_PATH) + read_text(guest, keyunit.SCRIPT)
    return {
        key: _kind(read_text(guest, f"{key}.pub"), ours, key)
        for key in sshd.configured_keys(guest)
        if key not in sshd.STANDARD_KEYS
    }


def _kind(public: str, ours: str, path: str) -> str:
    """Tell it by what we made it with, else by the public half, else by the name."""
    asked = re.search(rf"-t (\w+) -N '' -f {re.escape(path)}(?![\w./+-])", ours)
    if asked:
        return asked[1]
    said = f"{public.partition(' ')[0]} {path.rpartition('/')[2]}".lower()
    return next((kind for kind in ("ed25519", "ecdsa", "rsa") if kind in said), "ed25519")


def ensure(guest: Guest, kinds: dict[str, str]) -> None:
    """Make sure that something makes new host keys at the next boot.

    Args:
        guest: whose keys are gone, or about to go.
        kinds: the algorithm of each key at a place of its own, by path; see ``key_kinds``.

    Raises:
        Problem: nothing would, and imagekit has no unit for this guest.
    """
    _ensure_dropbear(guest)
    verdict = decide(gather(guest))
    if verdict.way == "unit":
        _install(guest, keyunit.wanted(sshd.configured_keys(guest), kinds))
    elif verdict.way == "refuse":
        raise Problem(
            "",
            "nothing in this image would make new SSH host keys",
            why=f"{verdict.why}, and imagekit has no unit for a guest like this",
            fix="let the distribution's script make keys, or install cloud-init",
            code="IK-SSH-001",
        )


def _ensure_dropbear(guest: Guest) -> None:
    if dropbear.early_keys(guest):
        raise Problem(
            "",
            "this image has dropbear host keys inside its initramfs",
            why="nothing makes new ones at boot, and without any nobody could log in to unlock the disk",
            fix="remove dropbear-initramfs in an earlier step, or keep_identity: [ssh-host-keys]",
            code="IK-SSH-002",
        )
    if not dropbear.is_installed(guest) or dropbear.makes_keys(guest) or dropbear.have_keys_made(guest):
        return
    if dropbear.key_files(guest):
        raise Problem(
            "",
            "nothing in this image would make new host keys for dropbear",
            why="what starts it neither gives it -R nor reads arguments from a file that imagekit knows",
            fix="start dropbear with -R",
            code="IK-SSH-004",
        )


def _install(guest: Guest, keys: keyunit.Wanted) -> None:
    if guest.facts.init == "systemd":
        units.install_unit(guest, keyunit.UNIT, keyunit.systemd_unit(keys))
        presets.renew_preset(guest)
    elif guest.facts.init == "openrc":
        units.install_openrc(guest, keyunit.NAME, keyunit.openrc_script(keys), "boot")
    else:
        units.install_sysv(guest, keyunit.NAME, keyunit.sysv_script(keys))


def _is_installed(guest: Guest) -> bool:
    """Tell whether our unit is there, and started at boot."""
    init = init_of(guest.facts)
    return init is not None and init.state(guest, keyunit.NAME) == "enabled"


def adds(guest: Guest) -> tuple[str, ...]:
    """Return the name of the service that ``ensure`` would add to this guest; () if it would add none."""
    return (keyunit.NAME,) if decide(gather(guest)).way == "unit" and not _is_installed(guest) else ()


def who(guest: Guest) -> str:
    """Return who makes new host keys at the next boot as the guest is now, in one sentence; "" if nobody does."""
    verdict = decide(gather(guest))
    if verdict.way == "refuse" or (verdict.way == "unit" and not _is_installed(guest)):
        return ""
    said = []
    if verdict.way != "nothing":
        ours = f"{keyunit.NAME} makes them before sshd starts, since {verdict.why}"
        said.append(
            {"unit": ours, "cloud-init": "cloud-init makes them for each new instance"}.get(verdict.way, verdict.why)
        )
    if dropbear.is_installed(guest) and dropbear.makes_keys(guest):
        said.append("dropbear makes its own when it starts")
    if tinyssh.is_installed(guest):
        said.append("tinysshd makes its own when it starts")
    return "; ".join(said) or f"{verdict.why}, so none are needed"
