"""YAML for the guest's own programs, most of which read YAML 1.1; ours is 1.2."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./@%+-]*(?: [A-Za-z0-9_./@%+-]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})
"""What YAML 1.1 or its readers may take for something else than text (yaml.org/type/bool.html)."""


def dump(document: Mapping[str, Any]) -> str:
    """Return a mapping as block YAML, keys in their order, that readers of YAML 1.1 and 1.2 understand alike.

    A text that 1.1 could take for a number (0644, 12:30:45, a MAC address) or a truth value (no) is quoted.
    """
    out = io.StringIO()
    writer = YAML()
    writer.width = 4096
    writer.default_flow_style = False
    writer.dump(_quoted(document), out)
    return out.getvalue()


def parse(text: str | bytes) -> Any:
    """Return what a YAML text says, as plain values.

    Raises:
        ruamel.yaml.error.YAMLError: it is none.
    """
    return YAML(typ="safe", pure=True).load(text)


def _quoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {_quoted(key): _quoted(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_quoted(inner) for inner in value]
    if not isinstance(value, str):
        return value
    if "\n" in value:
        return LiteralScalarString(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return DoubleQuotedScalarString(value)
