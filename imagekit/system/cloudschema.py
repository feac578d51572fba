"""The JSON Schemas that the guest's own cloud-init brings, and how a document departs from them.

They are version-exact: cloud-init 22.4 has one for cloud-config alone, later ones have those of network-config too.
"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any, Literal

from imagekit.system.yamltext import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from imagekit.guest.protocol import Guest
    from imagekit.system.yamltext import Path

Name = Literal["cloud-config-v1", "network-config-v1", "network-config-v2"]
_FOLDERS = "/usr/{lib,lib64,local/lib}/python3*/{dist,site}-packages/cloudinit/config/schemas"
_KNOWN_TYPES = {"object": "a mapping", "array": "a list", "string": "text", "boolean": "true or false"}


def read_schema(guest: Guest, name: Name) -> dict[str, Any] | None:
    """Return a schema of the guest's own cloud-init; None if it has none, or none that can be read."""
    found = guest.glob_expand(f"{_FOLDERS}/schema-{name}.json")
    try:
        schema = json.loads(guest.read_file(found[-1])) if found else None
    except ValueError:
        return None
    return schema if isinstance(schema, dict) else None


def departures(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield the path and a sentence for each departure from one of cloud-init's schemas, without any value.

    Where a schema offers alternatives, the one that the document comes nearest to is told of.
    """
    from jsonschema.validators import Draft4Validator, validator_for  # noqa: PLC0415  slow to import, and rarely needed

    validator = validator_for(dict(schema), default=Draft4Validator)
    seen: set[tuple[Path, str]] = set()
    for error in validator(dict(schema)).iter_errors(document):
        for departure in _told(error):
            if departure not in seen:
                seen.add(departure)
                yield departure


def _told(error: Any) -> Iterator[tuple[Path, str]]:
    if error.validator in ("anyOf", "oneOf") and error.context:
        for inner in _nearest(error.context):
            yield from _told(inner)
        return
    path = tuple(error.absolute_path)
    where = dotted(path) or "the document"
    if error.validator == "additionalProperties":
        known = tuple(error.schema.get("properties", {}))
        for key in sorted(set(map(str, error.instance)) - set(known)):
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield (*path, key), f"unknown key {dotted((*path, key))!r}{hint}"
    elif error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        yield path, f"{where} lacks {', '.join(missing)}"
    elif error.validator == "type":
        sorts = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        yield path, f"{where} is not {' or '.join(_KNOWN_TYPES.get(sort, f'of type {sort}') for sort in sorts)}"
    elif error.validator == "enum":
        yield (
            path,
            f"{where} is none of {', '.join(dict.fromkeys(str(each).lower() for each in error.validator_value))}",
        )
    else:
        yield path, f"{where} is not what cloud-init's schema asks for ({error.validator})"


def _nearest(errors: Iterable[Any]) -> list[Any]:
    """Return the errors of the alternative that the document comes nearest to: of its sort and type, and the deepest."""
    branches: dict[Any, list[Any]] = {}
    for error in errors:
        branches.setdefault(error.schema_path[0], []).append(error)

    def distance(branch: list[Any]) -> tuple[bool, bool, int, int]:
        wrong_sort = any(not error.relative_path and error.validator == "type" for error in branch)
        wrong_type = any(tuple(error.relative_path) == ("type",) for error in branch)
        return wrong_sort, wrong_type, -max(len(error.relative_path) for error in branch), len(branch)

    return min(branches.values(), key=distance)


def network_schema(schema: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Return the schema of a network configuration without the choice whether it stands below ``network``."""
    name = f"network_config_version{version}"
    if name not in schema.get("$defs", {}):
        return dict(schema)
    kept = {key: value for key, value in schema.items() if key not in ("oneOf", "anyOf")}
    return {**kept, "allOf": [{"$ref": f"#/$defs/{name}"}]}
