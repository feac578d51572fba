"""What inspection learns of a guest, from a handful of small files: no Augeas, no ``inspect_os``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

Family = Literal["debian", "rhel", "suse", "arch", "alpine", "unknown"]
Init = Literal["systemd", "openrc", "sysvinit", "unknown"]
PackageManager = Literal["apt", "dnf", "yum", "zypper", "pacman", "apk", "none"]
NetworkStack = Literal["netplan", "NetworkManager", "networkd", "ifupdown", "ifcfg", "wicked", "none"]
BootLoader = Literal["grub", "bls", "extlinux", "systemd-boot", "none"]


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
    """Read the facts from a guest whose file systems are mounted. The source of each is named beside it."""
    raise NotImplementedError
