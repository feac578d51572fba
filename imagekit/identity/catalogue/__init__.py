"""The identity catalogue, one module a group; a module's ``ITEMS`` are its items.

A path is in here if a program that uses it names it in its Debian package or its manual page, or its vendor's documents
do, or if virt-sysprep resets it. Left out are paths that are only said to be one machine's: of Red Hat Insights and rhc,
of CrowdStrike, Defender, Nessus, Qualys and Rapid7, of Datadog, New Relic, osquery, Elastic and Zabbix, of Tailscale,
ZeroTier, Nebula and NetBird, of wicked, of the agents of Oracle and Alibaba, and TPM state of systemd.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.identity.item import Item


@cache
def load_catalogue() -> tuple[Item, ...]:
    """Return the items of every module in this folder, in the order of the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return tuple(item for module in modules for item in module.ITEMS)


def current_id(name: str) -> str | None:
    """Return the id that an item has now, given that or one that it had before; None if the catalogue has no such item."""
    items = load_catalogue()
    return next((item.id for item in items if name == item.id), None) or next(
        (item.id for item in items if name in item.aliases), None
    )
