"""The spec lines that mend findings: YAML made from data, whatever guests call their files. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imagekit.engine.auditing.report import Finding

_PLAIN = re.compile(r"[A-Za-z/][\w/.-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_PATTERN = re.compile(r"[*?\[{\\]")
Item = dict[str, object]


def reset(item_id: str) -> Item:
    """Return the item of a spec that resets one identity."""
    return {"generalize": {"only": [item_id]}}


def spell(items: Iterable[Mapping[str, object]]) -> str:
    """Return the items as lines of YAML, each of which stands below ``transforms:``."""
    return "".join(f"  - {_spelt(item)}\n" for item in items)


def _spelt(item: Mapping[str, object]) -> str:
    ((kind, fields),) = item.items()
    return kind if fields is None else f"{kind}: {_value(fields)}"


def _value(value: object) -> str:
    match value:
        case str():
            plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
            return value if plain else json.dumps(value)
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return "{" + ", ".join(f"{key}: {_value(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


def usable(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the items that mean in a spec what they say: a path of a guest may read as a pattern or as a variable."""
    return tuple(item for item in items if "${{" not in _spelt(item) and not _misread(item))


def _misread(item: Item) -> bool:
    path = item.get("delete")
    return isinstance(path, str) and bool(_PATTERN.search(path) or not path.isprintable())


def spec_for(findings: Iterable[Finding]) -> str:
    """Return a whole spec that mends what a spec can mend, each thing once; "" if there is nothing."""
    wanted = list({_spelt(item): item for finding in findings for item in finding.mend}.values())
    if not wanted:
        return ""
    return "version: 1\ntransforms:\n" + spell(_joined(wanted))


def _joined(items: list[Item]) -> list[Item]:
    """Put items of one kind that say the same of several things into one; the order of kinds is that of a build."""
    resets = sorted({name for item in items for name in _listed(item, "generalize", "only")})
    deleted = [str(item["delete"]) for item in items if "delete" in item]
    packages = sorted({name for item in items for name in _listed(item, "packages", "install")})
    others = [item for item in items if not {"generalize", "delete", "packages"} & item.keys()]
    joined: list[Item] = [{"packages": {"install": packages}}] if packages else []
    joined += [{"delete": {"paths": deleted}}] if deleted else []
    joined += others
    return joined + ([{"generalize": {"only": resets}}] if resets else [])


def _listed(item: Item, kind: str, field: str) -> list[str]:
    fields = item.get(kind)
    return [str(name) for name in fields.get(field, ())] if isinstance(fields, dict) else []
