"""Compare what was seen in the image and in its clones: did each identity come back, does it differ, does it stay? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.engine.booting.report import CloneMark, IdentityResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.engine.booting.report import Judgement
    from imagekit.engine.booting.sight import Sight, Traces
    from imagekit.identity.item import Item

RENEWED = frozenset({"random-seed", "azure", "cups", "domain", "gce", "puppet", "snmp"})
"""Identities whose files are written anew as the machine runs: the seed at each boot, on purpose (systemd-random-seed(8)),
the others since they keep a state beside it, such as the count of boots in snmpd.conf(5)."""

SEEDED = frozenset({"cloud-init-state"})
"""Identities that a seed gives: without one, all clones are the same instance to cloud-init (DataSourceNone.py)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be judged.

    Attributes:
        id: of the item of the catalogue.
        title: what it is.
        judged: whether clones must not share it; what is not judged is told, and held against nobody.
        renewed: whether it may change from boot to boot.
        ungiven: whether nothing gives clones one of their own in this trial, so that only the image's is judged.
        needed: whether this guest cannot do without.
    """

    id: str
    title: str
    judged: bool = True
    renewed: bool = False
    ungiven: bool = False
    needed: bool = False


@dataclass(frozen=True, slots=True)
class CloneSight:
    """What was seen of one clone; None for a boot after which it could not be read."""

    name: str
    first: Sight | None
    second: Sight | None


def subject_of(item: Item, *, needed: bool = False, seeded: bool = True) -> Subject:
    """Return how an item is judged.

    Judged is what the catalogue calls an error, resets without being told, and has no residue for: off by default is
    what its owner may well want in every clone, and residue of one system is nobody's identity. What is on the disk
    itself, such as the UUID of a file system, overlays share by their nature.
    """
    judged = item.severity == "error" and item.default and item.brands and item.scope == "guest"
    return Subject(
        id=item.id,
        title=item.title,
        judged=judged,
        renewed=item.id in RENEWED,
        ungiven=item.id in SEEDED and not seeded,
        needed=needed,
    )


def compare(
    subject: Subject, image: Sight, clones: tuple[CloneSight, ...], *, same_hardware: bool = False
) -> IdentityResult:
    """Return the judgement on one identity."""
    first, last = _by_boot(subject.id, clones)
    judgement, paths, why = _judge(subject, image.traces.get(subject.id, {}), first, last, same_hardware)
    held = any(trace.hardware for traces in last.values() for trace in traces.values())
    return IdentityResult(
        id=subject.id,
        title=subject.title,
        judgement=judgement,
        why=why,
        in_image=bool(image.traces.get(subject.id)),
        hardware=held or judgement == "hardware",
        paths=paths,
        clones=tuple(_mark(subject.id, clone) for clone in clones) if last else (),
    )


def _by_boot(name: str, clones: tuple[CloneSight, ...]) -> tuple[dict[str, Traces], dict[str, Traces]]:
    """Return what each clone has after its first boot, and what it has at its end, for the clones that were read."""
    first = {clone.name: clone.first.traces.get(name, {}) for clone in clones if clone.first and clone.second}
    ends = {clone.name: clone.second or clone.first for clone in clones}
    return first, {clone: sight.traces.get(name, {}) for clone, sight in ends.items() if sight}


def _mark(name: str, clone: CloneSight) -> CloneMark:
    return CloneMark(
        clone=clone.name,
        first=clone.first.mark(name) if clone.first else "",
        second=clone.second.mark(name) if clone.second else "",
    )


_Judged = tuple["Judgement", tuple[str, ...], str]


def _judge(
    subject: Subject,
    image: Traces,
    first: Mapping[str, Traces],
    last: Mapping[str, Traces],
    same_hardware: bool,
) -> _Judged:
    if not last:
        return "unread", (), "no clone could be read"
    blank = tuple(clone for clone, traces in last.items() if not traces)
    if shared := _shared(image, last):
        return _equal(subject, image, last, shared, same_hardware)
    if len(blank) == len(last) and not subject.needed:
        return "unused", (), ""
    if blank and (subject.needed or subject.judged):
        return "missing", tuple(sorted({path for traces in last.values() for path in traces})), _missing(blank, last)
    if subject.judged and not subject.renewed and (changed := _changed(first, last)):
        return "changed", changed, f"the second boot changed {_some(changed)}, so it does not stay"
    return ("proven" if subject.judged else "noted"), (), ""


def _shared(image: Traces, last: Mapping[str, Traces]) -> tuple[str, ...]:
    """Return the paths whose content is the same in two clones, or in one clone and the image it was made of."""
    found = set()
    seen: set[tuple[str, str]] = {(path, trace.mark) for path, trace in image.items()}
    for traces in last.values():
        mine = {(path, trace.mark) for path, trace in traces.items() if trace.mark}
        found |= {path for path, mark in mine if (path, mark) in seen}
        seen |= mine
    return tuple(sorted(found))


def _equal(
    subject: Subject, image: Traces, last: Mapping[str, Traces], shared: tuple[str, ...], same_hardware: bool
) -> _Judged:
    kept = tuple(path for path in shared if path in image and any(_same(image, each, path) for each in last.values()))
    if not subject.judged or (subject.ungiven and not kept):
        return "noted", shared, f"the same in clones: {_some(shared)}"
    if kept:
        return "equal", shared, f"the image itself holds it, so every clone has the same: {_some(kept)}"
    if same_hardware:
        return "hardware", shared, f"the same in clones that have the same hardware: {_some(shared)}"
    return "equal", shared, f"made at boot, and the same in clones whose hardware differs: {_some(shared)}"


def _same(image: Traces, traces: Traces, path: str) -> bool:
    return path in traces and traces[path].mark == image[path].mark


def _missing(blank: tuple[str, ...], last: Mapping[str, Traces]) -> str:
    where = "no clone" if len(blank) == len(last) else f"not {', '.join(blank)}"
    return f"it did not come back: {where} has one after its boots"


def _changed(first: Mapping[str, Traces], last: Mapping[str, Traces]) -> tuple[str, ...]:
    """Return the paths that were there after the first boot, and are gone or differ after the second."""
    return tuple(
        sorted(
            {
                path
                for clone, traces in first.items()
                for path, trace in traces.items()
                if path not in last[clone] or last[clone][path].mark != trace.mark
            }
        )
    )


def _some(paths: tuple[str, ...], most: int = 3) -> str:
    """Return the first of some paths, and how many more there are."""
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
