"""The JSON Schema of specs, and what help says of a kind: both derived from the models and nothing else."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from imagekit.catalog import kind_of, load_catalog
from imagekit.hostfile import HostFile
from imagekit.spec import Spec
from imagekit.spec.items import Beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic_core import core_schema

    from imagekit.transform import Transform

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OWN_KEYS = {"^x-": {"description": "Your own; imagekit does not look at it."}}
_TEMPLATE = {"$ref": "#/$defs/template"}
_TEMPLATE_STRING = {
    "type": "string",
    "pattern": r"\$\{\{.*\}\}",
    "description": "Text with ${{ name }} for a variable, or ${{ facts.name }} for a fact of the guest.",
}
_INCLUDE = {
    "description": "Another spec, whose transforms stand here.",
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {"file": {"type": "string", "minLength": 1}, "vars": {"type": "object"}},
            "required": ["file"],
            "additionalProperties": False,
        },
    ],
}
_HOST_FILE = "{file: PATH}"
_PLURALS = {"mapping": "mappings", "whole number": "whole numbers", "number": "numbers"}
_MOST_NAMES, _FIRST_NAMES = 24, 4
_OUTSIDE = ("description", "default", "examples", "deprecated")


class FieldDoc(BaseModel):
    """What help says of one field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    type: str
    required: bool
    default: str
    description: str
    fields: tuple[FieldDoc, ...] = ()


class KindDoc(BaseModel):
    """What help says of one kind; ``example`` is an item of ``transforms``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    summary: str
    description: str
    main: str | None
    phase: str
    opaque: bool
    fields: tuple[FieldDoc, ...]
    example: str


class _Generate(GenerateJsonSchema):
    """The entries of a spec are made by the loader, so pydantic has no schema of them."""

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:  # noqa: ARG002
        return {}


def spec_schema(catalog: Mapping[str, type[Transform]] | None = None) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a spec's YAML: bare names, shorthands, includes, and variables in strings."""
    kinds = load_catalog() if catalog is None else catalog
    models: list[type[BaseModel]] = [Spec, Beside, *kinds.values()]
    references, whole = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_Generate, ref_template="#/$defs/{model}"
    )
    names = {model: references[(model, "validation")]["$ref"].rpartition("/")[2] for model in models}
    definitions: dict[str, Any] = {name: _opened(each) for name, each in whole["$defs"].items()}
    bodies = {kind: _body(cls, names[cls], definitions) for kind, cls in kinds.items()}
    beside = definitions[names[Beside]]["properties"]
    top = definitions[names[Spec]]
    top["properties"]["transforms"] = {
        **_about(Spec, "transforms"),
        "anyOf": [{"type": "array", "items": {"$ref": "#/$defs/item"}}, {"type": "null"}],
    }
    definitions |= {"template": _TEMPLATE_STRING, "item": _item(kinds, bodies, beside)}
    used = _reachable(top, definitions)
    return {
        "$schema": DIALECT,
        "title": "imagekit spec",
        **top,
        "patternProperties": _OWN_KEYS,
        "$defs": {name: definitions[name] for name in sorted(used)},
    }


def describe_kind(cls: type[Transform]) -> KindDoc:
    """Return what help says of a kind."""
    schema = cls.model_json_schema(ref_template="#/$defs/{model}")
    summary, _, rest = inspect.getdoc(cls).partition("\n") if cls.__doc__ else ("", "", "")  # type: ignore[union-attr]
    return KindDoc(
        kind=kind_of(cls),
        summary=summary,
        description=rest.strip(),
        main=cls.main,
        phase=cls.phase,
        opaque=cls.opaque is True,
        fields=tuple(_field_docs(schema, schema.get("$defs", {}))),
        example=cls.example,
    )


def _about(model: type[BaseModel], name: str) -> dict[str, str]:
    text = model.model_fields[name].description
    return {"description": text} if text else {}


def _needs_nothing(cls: type[Transform]) -> bool:
    """Tell whether a kind may stand there as a bare name; one of several fields may be needed, though none is required."""
    try:
        cls.model_validate({})
    except ValidationError:
        return False
    return True


def _body(cls: type[Transform], name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of what stands behind a kind: its fields, its main field alone, or nothing."""
    fields = definitions[name]
    fields["properties"].pop("kind", None)
    fields["required"] = [each for each in fields.get("required", ()) if each != "kind"]
    forms = [{"$ref": f"#/$defs/{name}"}, _TEMPLATE]
    forms += [fields["properties"][cls.main]] if cls.main else []
    forms += [{"type": "null"}] if _needs_nothing(cls) else []
    return {"description": inspect.getdoc(cls) or "", "anyOf": forms}


def _item(kinds: Mapping[str, type[Transform]], bodies: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an item: a bare name, or a mapping with exactly one kind, or an include."""
    bare = [kind for kind, cls in kinds.items() if _needs_nothing(cls)]
    alone: list[dict[str, Any]] = [{"required": [kind]} for kind in bodies]
    include = {"required": ["include"], "not": {"anyOf": [{"required": [key]} for key in beside]}}
    mapping = {
        "type": "object",
        "properties": {**bodies, "include": _INCLUDE, **beside},
        "patternProperties": _OWN_KEYS,
        "additionalProperties": False,
        "oneOf": [*alone, include],
    }
    return {"anyOf": [{"enum": bare}, _TEMPLATE, mapping]}


def _opened(schema: Any) -> Any:
    """Return a schema in which every value may be a template instead, without pydantic's titles."""
    if not isinstance(schema, dict):
        return schema
    done = {key: value for key, value in schema.items() if key != "title" or isinstance(value, dict)}
    if "properties" in done:
        done["properties"] = {name: _or_template(each) for name, each in done["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(done.get(key), dict):
            done[key] = _or_template(done[key])
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        if key in done:
            done[key] = [_opened(each) for each in done[key]]
    return done


def _or_template(schema: Any) -> Any:
    opened = _opened(schema)
    if not isinstance(opened, dict) or not opened.keys() - set(_OUTSIDE) or _any_text(opened):
        return opened
    outside = {key: opened[key] for key in _OUTSIDE if key in opened}
    inside = {key: value for key, value in opened.items() if key not in _OUTSIDE}
    forms = inside["anyOf"] if inside.keys() == {"anyOf"} else [inside]
    return {**outside, "anyOf": [*forms, _TEMPLATE]}


def _any_text(schema: dict[str, Any]) -> bool:
    """Tell whether a schema takes every text, so that a template is one of them."""
    if schema.get("type") == "string":
        return not schema.keys() & {"pattern", "enum", "const", "maxLength", "format"}
    return any(_any_text(each) for each in schema.get("anyOf", ()))


def _reachable(schema: Any, definitions: Mapping[str, Any]) -> set[str]:
    """Return the names of the definitions that a schema refers to, directly or not."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        new = {name for name in _references(waiting.pop()) if name not in found}
        found |= new
        waiting += [definitions[name] for name in new]
    return found


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.rpartition("/")[2]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _field_docs(schema: dict[str, Any], definitions: Mapping[str, Any]) -> Iterator[FieldDoc]:
    for name, each in schema.get("properties", {}).items():
        if name == "kind" and "const" in each:
            continue
        default = each.get("default")
        yield FieldDoc(
            name=name,
            type=_words(each, definitions),
            required=name in schema.get("required", ()),
            default="" if default is None else json.dumps(default),
            description=" ".join(each.get("description", "").split()),
            fields=tuple(inner for model in _models(each, definitions) for inner in _field_docs(model, definitions)),
        )


def _models(schema: dict[str, Any], definitions: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the models that a field is a mapping of, through lists and unions."""
    if "$ref" in schema:
        model = definitions[schema["$ref"].rpartition("/")[2]]
        if not _is_host_file(model):
            yield model
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("items"), *schema.get("allOf", ())):
        if isinstance(each, dict):
            yield from _models(each, definitions)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _models(schema["additionalProperties"], definitions)


def _is_host_file(schema: dict[str, Any]) -> bool:
    return list(schema.get("properties", ())) == list(HostFile.model_fields)


def _words(schema: dict[str, Any], definitions: Mapping[str, Any]) -> str:
    """Return the sort of value that a schema takes, in words."""
    if "$ref" in schema:
        return _HOST_FILE if _is_host_file(definitions[schema["$ref"].rpartition("/")[2]]) else "mapping"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_words(each, definitions) for each in _not_null(schema[key])))
    if "enum" in schema:
        return _choice([str(each) for each in schema["enum"]])
    if "const" in schema:
        return str(schema["const"])
    return _plain_words(schema, definitions)


def _choice(names: list[str]) -> str:
    """Return the names of a choice; of very many, the first."""
    if len(names) > _MOST_NAMES:
        names = [*names[:_FIRST_NAMES], "…"]
    return f"one of {', '.join(names)}"


def _plain_words(schema: dict[str, Any], definitions: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items")
        words = _words(items, definitions) if items else ""
        return f"list of {_PLURALS.get(words, words)}" if words else "list"
    if kind == "object":
        if list(schema.get("properties", {})) == ["secret"]:
            return "{secret: NAME}"
        inner = schema.get("additionalProperties")
        return f"mapping of names to {_words(inner, definitions)}" if isinstance(inner, dict) and inner else "mapping"
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}.get(
        str(kind), "anything"
    )


def _not_null(forms: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in forms if each.get("type") != "null"]
