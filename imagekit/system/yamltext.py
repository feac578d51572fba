"""YAML for the guest's own programs, most of which read YAML 1.1; ours is 1.2. What is wrong with a text, and where."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./@%+-]*(?: [A-Za-z0-9_./@%+-]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})
"""What YAML 1.1 or its readers may take for something else than text (yaml.org/type/bool.html)."""
_LETTERS = ("y", "Y", "n", "N")

Path = tuple[str | int, ...]
"""Keys and indexes from the root of a document."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a text.

    Attributes:
        message: a clause about the text, without any value of it, for values may be secret.
        line: from 1; 0 if it is nowhere in particular.
        column: from 1; 0 with line 0.
        fix: what to write instead; may be empty.
        path: keys and indexes of the part that it is about; () for the whole.
    """

    message: str
    line: int = 0
    column: int = 0
    fix: str = ""
    path: Path = ()

    def told(self, file: str = "") -> str:
        """Return the message with the place, in the file of that name."""
        of = f" of {file}" if file else ""
        return f"{self.message} (line {self.line}, column {self.column}{of})" if self.line else self.message


class _Constructor(SafeConstructor):
    """Builds what PyYAML does, which cloud-init and netplan read with: there a bare ``y`` or ``n`` is text."""

    def construct_truth(self, node: ScalarNode) -> bool | str:
        """Return the truth value, or the letter."""
        return node.value if node.value in _LETTERS else bool(self.construct_yaml_bool(node))


_Constructor.add_constructor("tag:yaml.org,2002:bool", _Constructor.construct_truth)


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
    """Return what a YAML text says to a reader of YAML 1.1, as plain values; ``yes`` is true there.

    Raises:
        ruamel.yaml.error.YAMLError: it is none.
    """
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _Constructor
    reader.version = (1, 1)
    with _anchors_may_be_used_anew():
        return reader.load(text)


def read_mapping(content: bytes) -> tuple[dict[Any, Any], tuple[Fault, ...]]:
    """Return the mapping that a YAML text holds, an empty text being an empty one; or ({}, what is wrong with it)."""
    try:
        document = parse(content)
    except MarkedYAMLError as bad:
        # ruamel's sentence on duplicate keys goes on with their values, which may be secret.
        problem = (bad.problem or "it breaks off").partition("\n")[0].partition(" with value")[0]
        mark = bad.problem_mark or bad.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return {}, (Fault(f"it is not valid YAML: {problem}", line, column),)
    except (YAMLError, UnicodeDecodeError, ValueError):
        return {}, (Fault("it is not valid YAML"),)
    if document is None:
        return {}, ()
    if not isinstance(document, dict):
        return {}, (Fault("it is no YAML mapping", 1, 1),)
    return document, ()


def fault_at(content: bytes, path: Sequence[str | int], message: str, fix: str = "") -> Fault:
    """Return a fault at the place where a part of a valid YAML text begins: its key, or its item in a list."""
    line, column = _place(content, path)
    return Fault(message, line, column, fix, tuple(path))


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as specs write it: ``users[0].name``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


@contextlib.contextmanager
def _anchors_may_be_used_anew() -> Iterator[None]:
    """Keep ruamel from warning of an anchor that is used twice, which YAML allows (YAML 1.1, 7.1)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReusedAnchorWarning)
        yield


def _place(content: bytes, path: Sequence[str | int]) -> tuple[int, int]:
    with _anchors_may_be_used_anew():
        node = YAML(typ="safe", pure=True).compose(io.BytesIO(content))
    mark = node.start_mark if node else None
    for part in path:
        if isinstance(node, MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(part)]
            if not pairs:
                break
            mark, node = pairs[-1][0].start_mark, pairs[-1][1]
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


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
