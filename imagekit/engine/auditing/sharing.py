"""What several images share that they should not: compared by prints, never told by them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.auditing.examine import finding_of
from imagekit.identity.catalogue import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.engine.auditing.examine import Examination
    from imagekit.engine.auditing.report import Finding

Prints = dict[tuple[str, str], dict[str, set[str]]]
"""Item id and print -> image -> the paths there."""


def with_shared(examined: Mapping[str, Examination]) -> tuple[Finding, ...]:
    """Return the findings of all images; what an identity is shared with stands in them, in new ones if need be."""
    others = _shared(examined)
    findings = [finding for examination in examined.values() for finding in examination.findings]
    told = [
        finding.model_copy(update={"shared_with": others.pop(key)}) if key in others else finding
        for finding in findings
        for key in [(finding.image, finding.rule, finding.path)]
    ]
    items = {item.id: item for item in load_catalogue()}
    recognised = {
        (image, record.id): record.recognised
        for image, examination in examined.items()
        for record in examination.identities
    }
    for (image, rule, path), images in others.items():
        made = finding_of(image, items[rule], path, recognised[image, rule])
        message = f"the same in {', '.join(images)}: {items[rule].title}"
        told.append(made.model_copy(update={"shared_with": images, "message": message, "fix": "give each its own"}))
    return tuple(told)


def _shared(examined: Mapping[str, Examination]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Return image, item id and path -> the other images with the same print."""
    holders: Prints = {}
    for image, examination in examined.items():
        for item_id, prints in examination.prints.items():
            for path, value in prints.items():
                holders.setdefault((item_id, value), {}).setdefault(image, set()).add(path)
    return {
        (image, item_id, path): tuple(other for other in images if other != image)
        for (item_id, _), images in holders.items()
        if len(images) > 1
        for image, paths in images.items()
        for path in sorted(paths)
    }
