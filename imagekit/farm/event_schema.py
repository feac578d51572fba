"""The JSON Schema of each line that ``imagekit batch --json`` prints: derived from the events and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from imagekit.events import OF_BUILDS
from imagekit.farm.events import FarmFinished, FarmStarted, JobFinished, JobRetried, JobStarted, JobWentOn
from imagekit.schema import DIALECT

if TYPE_CHECKING:
    from imagekit.events import Event

OF_FARMS: tuple[type[Event], ...] = (FarmStarted, JobStarted, JobWentOn, JobRetried, JobFinished, FarmFinished)
"""What may stand on a line, in the order in which they first come."""
_ERROR = {
    "description": "The last line of a run that ended early, or never began; the exit status is the error's.",
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                **{name: {"type": "string"} for name in ("code", "message", "why", "fix")},
                "exit_status": {"type": "integer"},
            },
            "required": ["code", "message", "why", "fix", "exit_status"],
        }
    },
    "required": ["error"],
    "additionalProperties": False,
}


def events_schema() -> dict[str, Any]:
    """Return the schema (2020-12) of one line: one of the events of a farm, or an error."""
    definitions = {each.__name__: event_schema(each) for each in OF_FARMS}
    definitions["JobWentOn"]["properties"]["inner"] = _inner()
    inner = {each.__name__: {**event_schema(each), "additionalProperties": True} for each in OF_BUILDS}
    return {
        "$schema": DIALECT,
        "title": "A line of imagekit batch --json",
        "oneOf": [*({"$ref": f"#/$defs/{name}"} for name in definitions), {"$ref": "#/$defs/Error"}],
        "$defs": {**definitions, **inner, "Error": _ERROR},
    }


def event_schema(event: type[Event]) -> dict[str, Any]:
    """Return the schema of an event as ``Event.document`` makes it: its name, and its fields."""
    made = TypeAdapter(event).json_schema()
    fields = {
        name: {key: part for key, part in field.items() if key != "title"} for name, field in made["properties"].items()
    }
    return {
        "description": event.__doc__ or "",
        "type": "object",
        "properties": {"event": {"const": event.__name__}, **fields},
        "required": ["event", *fields],
        "additionalProperties": False,
    }


def _inner() -> dict[str, Any]:
    """Return the schema of a job's own event: one that is known is as it should be, another needs only a name."""
    known = [each.__name__ for each in OF_BUILDS]
    other = {
        "type": "object",
        "properties": {"event": {"type": "string", "not": {"enum": known}}},
        "required": ["event"],
    }
    return {"anyOf": [*({"$ref": f"#/$defs/{name}"} for name in known), other]}
