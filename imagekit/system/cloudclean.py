"""Have cloud-init take the next boot for the first of a new instance: what ``cloud-init clean`` removes, and the rest.

``cloud-init clean`` (cmd/clean.py) removes /var/lib/cloud but for the seed; with ``--logs`` its logs, with ``--seed``
the seed, with ``--configs all`` (since 24.1) what it rendered for network, sshd and fstab; and it runs
/etc/cloud/clean.d (since 22.3). Every version leaves sudo rules, and the ifcfg files and older ENI file that it wrote.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.system import cloudinit, cloudswitch
from imagekit.system.cloudinit import STATE
from imagekit.system.removal import remove
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from imagekit.guest.protocol import Guest

SEEDS = f"{STATE}/seed"
SCRIPTS = f"{STATE}/scripts"
_RENDERED = (
    "netplan/50-cloud-init.yaml",
    "NetworkManager/conf.d/99-cloud-init.conf",
    "NetworkManager/conf.d/30-cloud-init-ip6-addr-gen-mode.conf",
    "NetworkManager/system-connections/cloud-init-*.nmconnection",
    "systemd/network/10-cloud-init-*.network",
    "systemd/network/10-cloud-init-*.netdev",
    "systemd/network/10-cloud-init-*.link",
    "network/interfaces.d/50-cloud-init.cfg",
    "network/interfaces.d/50-cloud-init",
    "sysconfig/network-scripts/ifcfg-*",
    "sysconfig/network/ifcfg-*",
)
NETWORK = f"/etc/{{{','.join(_RENDERED)}}}"
"""One glob pattern, for a call costs more than a pattern: what cloud-init renders for the network, by its name."""
_WRITTEN = "# Created by cloud-init"
_ACCESS = ("/etc/ssh/sshd_config.d/50-cloud-init.conf", "/etc/sudoers.d/90-cloud-init-users")
_LOG_FOLDER = "/var/log/"
_LOGS = ("cloud-init.log", "cloud-init-output.log")
_MOUNT = "comment=cloudconfig"
_LOG_FILE = re.compile(r"(?:def_log_file:[ \t]*|>>?[ \t]*|tee -a[ \t]+)['\"]?/var/log/(?P<name>[\w./-]+)")
INSTALLER_SCRIPT = "/etc/cloud/clean.d/99-installer"
INSTALLER_CONFIG = f"{cloudinit.CONFIG_FOLDER}/99-installer.cfg"
_INSTALLER = (
    INSTALLER_CONFIG,
    f"{cloudinit.CONFIG_FOLDER}/90-installer-network.cfg",
    f"{cloudinit.CONFIG_FOLDER}/curtin-preserve-sources.cfg",
    f"{cloudinit.CONFIG_FOLDER}/subiquity-disable-cloudinit-networking.cfg",
    cloudswitch.DS_IDENTIFY,
    cloudswitch.MARKER,
)
"""What Ubuntu's installer leaves, with which no clone is a new instance; its own script in clean.d removes them."""


def instance_state(guest: Guest) -> tuple[str, ...]:
    """Return what ``cloud-init clean`` removes of /var/lib/cloud: all of it but the seed."""
    if not guest.is_dir(STATE, followsymlinks=True):
        return ()
    return tuple(f"{STATE}/{name}" for name in guest.ls(STATE) if name != "seed")


def clean_state(guest: Guest, *, spare: Collection[str] = ()) -> None:
    """Forget the instance that ran in this image; what it kept, user data among them, is overwritten first.

    Paths to spare stay, with the folders that they are in.
    """
    remove(guest, instance_state(guest), spare)


def clean_seed(guest: Guest, spare: Collection[str] = ()) -> None:
    """Remove every seed inside the image, but for the paths to spare."""
    remove(guest, (SEEDS,), spare)


def clean_logs(guest: Guest) -> None:
    """Remove cloud-init's logs, wherever its configuration puts them, and their rotations."""
    told = "\n".join(read_text(guest, path) for path in cloudinit.config_files(guest))
    named = dict.fromkeys((*_LOGS, *(found["name"] for found in _LOG_FILE.finditer(told))))
    found = guest.glob_expand(f"{_LOG_FOLDER}{{{','.join(named)}}}*")
    guest.erase(*(path for path in dict.fromkeys(found) if guest.is_file(path)))


def clean_access(guest: Guest) -> None:
    """Remove what cloud-init rendered of sshd, sudo and fstab for one instance; it makes them anew for the next."""
    guest.erase(*(path for path in _ACCESS if guest.is_file(path)))
    fstab = read_text(guest, "/etc/fstab")
    kept = "".join(line for line in fstab.splitlines(keepends=True) if _MOUNT not in line)
    if kept != fstab:
        write_text(guest, "/etc/fstab", kept)


def rendered_network(guest: Guest) -> tuple[str, ...]:
    """Return the network configuration that cloud-init rendered for the instance that ran in this image."""
    found = (path for path in guest.glob_expand(NETWORK) if guest.is_file(path))
    return tuple(path for path in found if "/ifcfg-" not in path or read_text(guest, path).startswith(_WRITTEN))


def renders_network(guest: Guest) -> bool:
    """Tell whether cloud-init will configure the network of the next instance: it runs, and nobody told it not to."""
    told = [value for _, value in cloudinit.settings(guest, "network")]
    off = told and isinstance(told[-1], dict) and told[-1].get("config") == "disabled"
    return not off and not cloudswitch.switched_off_by(guest)


def clean_network(guest: Guest, spare: Collection[str] = ()) -> None:
    """Remove the network configuration that cloud-init rendered, but for the paths to spare."""
    guest.erase(*(path for path in rendered_network(guest) if path not in spare))


def installer_files(guest: Guest) -> tuple[str, ...]:
    """Return what Ubuntu's installer left for cloud-init, if it did."""
    if not (guest.exists(INSTALLER_CONFIG) or guest.exists(INSTALLER_SCRIPT)):
        return ()
    return tuple(path for path in _INSTALLER if guest.is_file(path))


def clean_installer(guest: Guest, spare: Collection[str] = ()) -> None:
    """Remove what Ubuntu's installer left for cloud-init, if it did: the first user's password hash among it."""
    guest.erase(*(path for path in installer_files(guest) if path not in spare))


def other_scripts(guest: Guest) -> tuple[str, ...]:
    """Return the programs in clean.d that ``cloud-init clean`` would run, other than the installer's."""
    found = guest.glob_expand("/etc/cloud/clean.d/*")
    return tuple(path for path in found if path != INSTALLER_SCRIPT and _is_program(guest, path))


def own_scripts(guest: Guest) -> tuple[str, ...]:
    """Return the scripts that somebody put there for cloud-init to run, at each boot or at each new instance."""
    return guest.glob_expand(f"{SCRIPTS}/per-{{boot,instance,once}}/*")


def _is_program(guest: Guest, path: str) -> bool:
    return paths.name(path) != "README" and guest.is_file(path) and bool(guest.lstat(path).mode & 0o111)
