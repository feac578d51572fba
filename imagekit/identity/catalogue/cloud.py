"""Identities that cloud-init keeps: the instance that ran in the image, a seed in it, and the network rendered for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.identity.item import Item
from imagekit.system import cloudclean, cloudinit, cloudseed
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from imagekit.guest.protocol import Guest

_INSTANCE = f"{cloudinit.STATE}/{{data/instance-id,instance,instances/*,sem/*}}"
_MAC = re.compile(r"(?<![0-9A-Fa-f:])[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}(?![0-9A-Fa-f:])")


def detect_state(guest: Guest) -> tuple[str, ...]:
    """Return what makes cloud-init know an instance again, or keep its once-only work from running: in one call."""
    return guest.glob_expand(_INSTANCE)


def reset_state(guest: Guest, spare: Collection[str] = ()) -> None:
    """Forget the instance; scripts that somebody put there for every instance are no identity, and stay."""
    cloudclean.clean_state(guest, spare=(*spare, *cloudclean.own_scripts(guest)))


def state_returns(guest: Guest) -> str:
    """Say who makes a new instance."""
    if not cloudinit.is_installed(guest):
        return "cloud-init is not installed, so nothing needs one"
    if not cloudinit.is_active(guest):
        return "cloud-init is switched off, so nothing needs one"
    return "cloud-init makes one of what it finds at the next boot"


def detect_seed(guest: Guest) -> tuple[str, ...]:
    """Return the meta data of each seed inside the image: its instance-id beats that of a seed disk."""
    return cloudseed.in_image(guest)


def seed_returns(guest: Guest) -> str:
    """Say where a clone gets its own from."""
    if not cloudinit.is_installed(guest):
        return "cloud-init is not installed, so nothing reads one"
    return "the cloud gives one, or a seed disk"


def detect_installer(guest: Guest) -> tuple[str, ...]:
    """Return what Ubuntu's installer left for cloud-init: the first user's password hash, and that nothing is new."""
    return cloudclean.installer_files(guest)


def detect_network(guest: Guest) -> tuple[str, ...]:
    """Return the network configuration that cloud-init rendered for one machine: that which holds a MAC address."""
    return tuple(path for path in cloudclean.rendered_network(guest) if _MAC.search(read_text(guest, path)))


def network_returns(guest: Guest) -> str:
    """Say who configures the network of a clone; "" if cloud-init will not."""
    if cloudinit.is_active(guest) and cloudclean.renders_network(guest):
        return "cloud-init renders it for each new instance"
    return "" if cloudinit.is_installed(guest) else "cloud-init is not installed, so it renders none"


ITEMS = (
    Item(
        id="cloud-init-state",
        group="cloud",
        title="instance of cloud-init",
        severity="error",
        paths=tuple(
            f"{cloudinit.STATE}/{name}" for name in ("data/*", "instance", "instance/*", "instances/*", "sem/*")
        ),
        detect=detect_state,
        reset=reset_state,
        returns=state_returns,
    ),
    Item(
        id="cloud-init-seed",
        group="cloud",
        title="seed of cloud-init in the image",
        severity="error",
        paths=(f"{cloudclean.SEEDS}/*/meta-data",),
        detect=detect_seed,
        reset=cloudclean.clean_seed,
        returns=seed_returns,
    ),
    Item(
        id="cloud-init-net",
        group="cloud",
        title="network that cloud-init rendered for one machine",
        severity="warning",
        paths=(),
        detect=detect_network,
        reset=cloudclean.clean_network,
        returns=network_returns,
    ),
    Item(
        id="cloud-init-installer",
        group="cloud",
        title="configuration of cloud-init that the installer left, with a password hash",
        severity="error",
        paths=(cloudclean.INSTALLER_CONFIG,),
        detect=detect_installer,
        reset=cloudclean.clean_installer,
        returns=lambda _: "nothing needs one",
        brands=False,
    ),
)
