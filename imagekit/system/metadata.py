"""Meta data of a NoCloud seed: what its datasource reads, and what it would not (DataSourceNoCloud.py of cloud-init)."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from imagekit.system.yamltext import dump, fault_at, read_mapping

if TYPE_CHECKING:
    from imagekit.system.yamltext import Fault

KEYS = ("instance-id", "local-hostname", "hostname", "dsmode", "seedfrom", "public-keys", "network-interfaces")
_TEXTS = ("instance-id", "local-hostname", "hostname", "seedfrom")
_MODES = ("local", "net")


def faults(content: bytes) -> tuple[Fault, ...]:
    """Return what is wrong with meta data for the NoCloud datasource; keys that it does not know are the user's own."""
    meta, broken = read_mapping(content)
    return broken or tuple(fault_at(content, (str(key),), *told) for key in meta if (told := _wrong(key, meta[key])))


def _wrong(key: Any, value: Any) -> tuple[str, str] | None:
    near = difflib.get_close_matches(str(key).lower().replace("_", "-"), KEYS, n=1, cutoff=0.9)
    if near and key not in KEYS:
        return f"cloud-init would ignore {key!r}; it is written {near[0]!r}", f"write {near[0]}"
    if key in _TEXTS and not (isinstance(value, str) and value):
        return f"{key} is not a text; quote it", f'{key}: "…"'
    if key == "dsmode" and value == "disabled":
        return "dsmode: disabled has cloud-init refuse the whole seed", "leave dsmode out"
    if key == "dsmode" and value not in _MODES:
        return f"dsmode is one of {', '.join(_MODES)}", ""
    return None


def instance_id(content: bytes) -> str:
    """Return the instance-id of valid meta data; "" if it gives none."""
    return str(read_mapping(content)[0].get("instance-id", ""))


def with_instance_id(content: bytes, instance: str) -> bytes:
    """Return meta data that gives an instance-id: its own, or this one.

    Without one cloud-init takes ``nocloud``, the same for every machine, so that a second seed would pass for the
    first one's.
    """
    meta, _ = read_mapping(content)
    return content if "instance-id" in meta else dump({"instance-id": instance, **meta}).encode()
