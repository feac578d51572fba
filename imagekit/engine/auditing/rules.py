"""The rules: one for each identity of the catalogue and each flaw, and a few about images that do not open."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from imagekit.engine.auditing.report import Rule, Severity, Use
from imagekit.identity.catalogue import load_catalogue
from imagekit.identity.flaws import load_flaws

if TYPE_CHECKING:
    from imagekit.identity.item import Item

HIBERNATED = Rule(
    id="hibernated",
    group="image",
    title="system that sleeps",
    severity="error",
    why="when a clone wakes up it writes what it remembers over its disk, and the memory of one machine goes to all",
)
UNCLEAN = Rule(
    id="unclean-filesystem",
    group="image",
    title="file system that was not unmounted",
    severity="error",
    why="the image was copied from a running machine, or that one crashed: what its journal holds is not looked at",
)
DELETED = Rule(
    id="deleted-secret",
    group="secrets",
    title="deleted secret in the raw bytes",
    severity="error",
    why="a deleted file is unlinked, not erased: whoever gets a clone reads the bytes of its disk",
)
OF_IMAGES = (HIBERNATED, UNCLEAN)
IN_BYTES = (DELETED,)
"""What is looked for only if that is asked for: it reads the whole disk."""


def why_of(item: Item) -> str:
    """Return what comes of an identity that is in every clone, in one sentence."""
    if item.brands:
        return "clones that share it pass for one machine"
    if item.severity == "error":
        return "whoever gets a clone gets it, and what it gives away or opens"
    return "it tells of one machine, and goes with every clone"


def severity_of(item: Item) -> Severity:
    """Return how bad an identity in a template is.

    What ``generalize`` leaves alone unless told may be meant to be there: short of an error, it is a note.
    """
    return "note" if not item.default and item.severity == "warning" else item.severity


def rules_for(use: Use, *, deep: bool = False) -> tuple[Rule, ...]:
    """Return what is looked for in an image of this use, sorted by group and id.

    In an instance an identity is where it should be; it is compared with those of the other images.

    Args:
        use: what the image is for.
        deep: whether the raw bytes of the disk are looked at too.
    """
    items = (_of_item(item) for item in load_catalogue())
    flaws = (
        Rule(id=flaw.id, group=flaw.group, title=flaw.title, severity=flaw.severity, why=flaw.why)
        for flaw in load_flaws()
        if use in flaw.uses
    )
    return tuple(
        sorted((*items, *flaws, *OF_IMAGES, *(IN_BYTES if deep else ())), key=lambda rule: (rule.group, rule.id))
    )


def _of_item(item: Item) -> Rule:
    return Rule(id=item.id, group=item.group, title=item.title, severity=severity_of(item), why=why_of(item))


@functools.cache
def known_ids() -> dict[str, str]:
    """Return every id that a waiver may name, those of before among them, and the id that it has now."""
    named = [(each.id, each.aliases) for each in load_catalogue()] + [(each.id, each.aliases) for each in load_flaws()]
    aliases = {alias: name for name, others in named for alias in others}
    return aliases | {name: name for name, _ in named} | {rule.id: rule.id for rule in (*OF_IMAGES, *IN_BYTES)}
