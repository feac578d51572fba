"""What inspection learns of a guest, from a handful of small files: no Augeas, no ``inspect_os``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from imagekit.guest.elf import HEADER_SIZE, machine_of
from imagekit.guest.kernels import installed_kernels
from imagekit.guest.osrelease import clean, clean_word, family_of, parse_os_release

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.guest.protocol import Guest

Family = Literal["debian", "rhel", "suse", "arch", "alpine", "unknown"]
Init = Literal["systemd", "openrc", "sysvinit", "unknown"]
PackageManager = Literal["apt", "dnf", "yum", "zypper", "pacman", "apk", "none"]
NetworkStack = Literal["netplan", "NetworkManager", "networkd", "ifupdown", "ifcfg", "wicked", "none"]
BootLoader = Literal["grub", "bls", "extlinux", "systemd-boot", "none"]

_LONGEST_TEXT = 64 << 10
_MANAGERS: tuple[tuple[Family, PackageManager, tuple[str, ...]], ...] = (
    ("debian", "apt", ("/usr/bin/apt-get",)),
    ("rhel", "dnf", ("/usr/bin/dnf", "/usr/bin/dnf5")),
    ("rhel", "yum", ("/usr/bin/yum",)),
    ("suse", "zypper", ("/usr/bin/zypper",)),
    ("arch", "pacman", ("/usr/bin/pacman",)),
    ("alpine", "apk", ("/sbin/apk", "/usr/bin/apk")),
)


class Facts(BaseModel):
    """What is known of a guest before anything is done to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    distro: str = Field("unknown", description="ID of os-release(5), for example debian, ubuntu, rocky.")
    family: Family = Field("unknown", description="Whose tools and paths the distribution shares.")
    version: str = Field(
        "", description="VERSION_ID of os-release(5), for example 12 or 22.04; empty for rolling ones."
    )
    codename: str = Field("", description="VERSION_CODENAME of os-release(5).")
    name: str = Field("", description="PRETTY_NAME of os-release(5).")
    arch: str = Field("unknown", description="As uname -m would say: x86_64, aarch64, i686 …")
    init: Init = "unknown"
    package_manager: PackageManager = "none"
    network_stack: NetworkStack = "none"
    boot_loader: BootLoader = "none"
    selinux: bool = Field(default=False, description="SELinux is installed and not disabled.")
    cloud_init: bool = Field(default=False, description="cloud-init is installed.")
    hostname: str = ""
    kernels: tuple[str, ...] = Field(
        (), description="Versions that have both modules and an image in /boot, newest last."
    )


def read_facts(guest: Guest) -> Facts:
    """Read the facts from a guest whose file systems are mounted: some forty small calls, no walk, no program run."""
    release = _os_release(guest)
    identifier = clean_word(release.get("ID", "").lower())
    family = family_of(identifier, release.get("ID_LIKE", "").lower())
    init = _init(guest)
    return Facts(
        distro=identifier or "unknown",
        family=family,
        version=clean_word(release.get("VERSION_ID", "")),
        codename=clean_word(release.get("VERSION_CODENAME", "")),
        name=release.get("PRETTY_NAME", ""),
        arch=_arch(guest),
        init=init,
        package_manager=_package_manager(guest, family),
        network_stack=_network_stack(guest, init),
        boot_loader=_boot_loader(guest),
        selinux=_selinux(guest),
        cloud_init=guest.exists("/usr/bin/cloud-init"),
        hostname=_hostname(guest),
        kernels=installed_kernels(guest),
    )


def _text(guest: Guest, path: str) -> str:
    """Return the start of a small text; "" if that is no regular file, for what else may be there need never end."""
    if not guest.is_file(path, followsymlinks=True):
        return ""
    return guest.pread(path, _LONGEST_TEXT, 0).decode(errors="replace")


def _names(guest: Guest, directory: str) -> frozenset[str]:
    return frozenset(guest.ls(directory)) if guest.is_dir(directory, followsymlinks=True) else frozenset()


def _any(guest: Guest, *candidates: str) -> bool:
    return any(guest.exists(path) for path in candidates)


def _os_release(guest: Guest) -> dict[str, str]:
    """os-release(5): /etc/os-release wins over /usr/lib/os-release."""
    return parse_os_release(_text(guest, "/etc/os-release") or _text(guest, "/usr/lib/os-release"))


def _arch(guest: Guest) -> str:
    for program in ("/bin/sh", "/sbin/init", "/usr/bin/env"):
        if guest.is_file(program, followsymlinks=True):
            machine = machine_of(guest.pread(program, HEADER_SIZE, 0))
            if machine:
                return machine
    return "unknown"


def _init(guest: Guest) -> Init:
    """What /sbin/init is: systemd's packages make it a link to systemd, OpenRC runs below a classic init."""
    if not guest.exists("/sbin/init"):
        return "unknown"
    if guest.realpath("/sbin/init").endswith("/systemd/systemd"):
        return "systemd"
    if guest.exists("/sbin/openrc"):
        return "openrc"
    return "sysvinit" if guest.exists("/etc/inittab") else "unknown"


def _package_manager(guest: Guest, family: Family) -> PackageManager:
    """The family's own manager before any other: several distributions package those of the rest."""
    own = [manager for manager in _MANAGERS if manager[0] == family]
    for _, name, programs in [*own, *_MANAGERS]:
        if _any(guest, *programs):
            return name
    return "none"


def _network_stack(guest: Guest, init: Init) -> NetworkStack:
    """Return netplan if it is installed, for it drives the others; then what is enabled; then what is configured."""
    wants = "/etc/systemd/system/multi-user.target.wants"
    wanted = _names(guest, wants) if init == "systemd" else frozenset[str]()
    rules: tuple[tuple[NetworkStack, Callable[[], bool]], ...] = (
        ("netplan", lambda: guest.exists("/usr/sbin/netplan")),
        ("NetworkManager", lambda: "NetworkManager.service" in wanted),
        ("networkd", lambda: "systemd-networkd.service" in wanted),
        ("wicked", lambda: "wicked.service" in wanted),
        ("ifupdown", lambda: _any(guest, "/sbin/ifup", "/usr/sbin/ifup") and guest.is_dir("/etc/network")),
        ("ifcfg", lambda: bool(guest.glob_expand("/etc/sysconfig/network-scripts/ifcfg-*"))),
        ("NetworkManager", lambda: guest.exists("/usr/sbin/NetworkManager")),
        ("wicked", lambda: guest.exists("/usr/sbin/wicked")),
    )
    return next((stack for stack, holds in rules if holds()), "none")


def _boot_loader(guest: Guest) -> BootLoader:
    """Entries of the Boot Loader Specification win over a grub.cfg, which only reads them where both are there."""
    grub = _any(guest, "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg")
    if not grub and _any(guest, "/boot/EFI/systemd", "/boot/efi/EFI/systemd", "/efi/EFI/systemd"):
        return "systemd-boot"
    if guest.glob_expand("/boot/loader/entries/*.conf"):
        return "bls"
    if grub:
        return "grub"
    return "extlinux" if _any(guest, "/boot/extlinux.conf", "/boot/extlinux/extlinux.conf") else "none"


def _selinux(guest: Guest) -> bool:
    """selinux_config(5), and load_policy(8) to load what it names."""
    mode = re.findall(r"^\s*SELINUX\s*=\s*(\w+)", _text(guest, "/etc/selinux/config"), re.MULTILINE)
    return mode[-1:] in (["enforcing"], ["permissive"]) and _any(guest, "/usr/sbin/load_policy", "/sbin/load_policy")


def _hostname(guest: Guest) -> str:
    """hostname(5): the first line that is no comment. Old SUSE systems spell the file in capitals."""
    text = _text(guest, "/etc/hostname") or _text(guest, "/etc/HOSTNAME")
    lines = (line.strip() for line in text.splitlines())
    return clean(next((line for line in lines if line and not line.startswith("#")), ""))
