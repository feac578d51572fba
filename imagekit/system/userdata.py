"""What cloud-init takes for user data, meta data and network configuration: pure checks, before anything is written.

Recognition of user data follows cloudinit/handlers/__init__.py and user_data.py of cloud-init: content that none of
its handlers claims is dropped with a warning, in the guest, where nobody looks.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from imagekit.system import yamltext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIXES = (
    b"#include",
    b"#!",
    b"#cloud-config",
    b"#part-handler",
    b"#cloud-boothook",
    b"## template: jinja",
)
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MIME_WINDOW = 4096
_META_KEYS = ("instance-id", "local-hostname", "hostname", "dsmode", "seedfrom", "public-keys", "network-interfaces")
_DSMODES = ("local", "net", "disabled")


def user_data_fault(content: bytes) -> str:
    """Return why cloud-init would ignore or misread user data; "" if it would not."""
    if content.startswith(_GZIP) or not content.strip():
        return ""
    if content.startswith(_BYTE_ORDER_MARK):
        return "it begins with a byte order mark, which keeps cloud-init from seeing its first line; save it without"
    start = content.lstrip().lower()
    if b"mime-version:" in start[:_MIME_WINDOW]:
        return ""
    if not start.startswith(_PREFIXES):
        first = content.lstrip().splitlines()[0]
        hint = '"## template: jinja"' if b"template" in first.lower() else '"#cloud-config"'
        return f"cloud-init would ignore it: its first line is none that cloud-init knows, such as {hint} or a #! line"
    return _mapping_fault(content) if is_cloud_config(content) else ""


def is_cloud_config(content: bytes) -> bool:
    """Tell whether user data is a cloud-config mapping in plain text: no archive, no patch, no template."""
    return content.lstrip().lower().startswith(b"#cloud-config") and not content.lstrip().lower().startswith(
        (b"#cloud-config-archive", b"#cloud-config-jsonp")
    )


def meta_data_fault(content: bytes) -> str:
    """Return what is wrong with meta data for the NoCloud datasource; "" if nothing is."""
    fault = _mapping_fault(content)
    if fault:
        return fault
    meta = yamltext.parse(content) or {}
    for key in meta:
        near = difflib.get_close_matches(str(key).replace("_", "-"), _META_KEYS, n=1, cutoff=0.9)
        if near and key not in _META_KEYS:
            return f"cloud-init would ignore {key!r}; it is written {near[0]!r}"
    if "instance-id" in meta and not (isinstance(meta["instance-id"], str) and meta["instance-id"]):
        return "instance-id is not a text; quote it"
    if meta.get("dsmode", "net") not in _DSMODES:
        return f"dsmode is one of {', '.join(_DSMODES)}"
    return ""


def network_config_fault(content: bytes) -> str:
    """Return what is wrong with a network-config file; "" if nothing is. It may stand below a ``network`` key."""
    fault = _mapping_fault(content)
    if fault:
        return fault
    config = yamltext.parse(content) or {}
    config = config.get("network", config)
    if not isinstance(config, dict):
        return "what stands below network is no YAML mapping"
    if config.get("config") != "disabled" and config.get("version") not in {1, 2}:
        return "a network configuration says version: 1 or version: 2"
    return ""


def _mapping_fault(content: bytes) -> str:
    try:
        document = yamltext.parse(content)
    except MarkedYAMLError as bad:
        line = bad.problem_mark.line + 1 if bad.problem_mark else 1
        # ruamel's sentence on duplicate keys goes on with their values, which may be secret.
        problem = (bad.problem or "").partition("\n")[0].partition(" with value")[0]
        return f"it is not valid YAML at line {line}: {problem}"
    except (YAMLError, UnicodeDecodeError, ValueError):
        return "it is not valid YAML"
    return "" if document is None or isinstance(document, dict) else "it is no YAML mapping"


def schema_faults(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield where a cloud-config departs from cloud-init's own JSON Schema (draft 4), without the values in it."""
    from jsonschema import Draft4Validator  # noqa: PLC0415  slow to import, and rarely needed

    for error in Draft4Validator(schema).iter_errors(document):
        where = ".".join(str(part) for part in error.absolute_path)
        if error.validator == "additionalProperties":
            known = tuple(error.schema.get("properties", {}))
            for key in error.instance:
                if key not in known:
                    near = difflib.get_close_matches(key, known, n=1)
                    yield f"unknown key {'.'.join(filter(None, (where, key)))!r}" + (
                        f"; did you mean {near[0]!r}?" if near else ""
                    )
        else:
            asked = f"{error.validator}: {error.validator_value}" if error.validator == "type" else error.validator
            yield f"{where or 'the document'} is not what cloud-init's schema asks for ({asked})"
