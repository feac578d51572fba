"""What the models say of a field that a path leads to: its description, and its neighbours' names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from imagekit.spec.nodes import Path


def about(model: type[BaseModel], path: Path) -> str:
    """Return the first sentence of the description of the field at the end of a path; "" if it has none."""
    models: tuple[type[BaseModel], ...] = (model,)
    found = None
    for step in path:
        if isinstance(step, str):
            found = next((field for each in models for name, field in _fields(each) if name == step), found)
            models = _below(models, step)
    text = found.description if found else None
    return " ".join(text.replace("``", "").split()).partition(". ")[0].removesuffix(".") if text else ""


def owner(model: type[BaseModel], path: Path) -> str:
    """Return the last field on the way to the end of a path, or the kind, for which a mapping there is."""
    models: tuple[type[BaseModel], ...] = (model,)
    kind = model.model_fields.get("kind")
    name = str(kind.default) if kind else ""
    for step in path:
        if isinstance(step, str):
            name = step if any(step == each for one in models for each, _ in _fields(one)) else name
            models = _below(models, step)
    return name


def names_at(model: type[BaseModel], path: Path) -> Iterator[str]:
    """Yield the names of the fields that may stand in the mapping at the end of a path."""
    models: tuple[type[BaseModel], ...] = (model,)
    for step in path:
        if isinstance(step, str):
            models = _below(models, step)
    yield from dict.fromkeys(name for each in models for name, _ in _fields(each))


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that a value of an annotated type may be made of, through unions and containers."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in (*get_args(annotation), getattr(annotation, "__value__", None)):
        if inner is not None:
            yield from models_in(inner)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the fields of a model by the names that a spec gives them."""
    for name, field in model.model_fields.items():
        if name != "kind":
            yield str(field.validation_alias or field.alias or name), field


def _below(models: tuple[type[BaseModel], ...], step: str) -> tuple[type[BaseModel], ...]:
    """Return the models of a field; a step that is no field is the key of a mapping, and leads no deeper."""
    named = [field for model in models for name, field in _fields(model) if name == step]
    return tuple(inner for field in named for inner in models_in(field.annotation)) if named else models
