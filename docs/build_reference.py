"""Write the generated reference pages: ``make docs``. A test holds them to what the code says."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import imagekit
import imagekit_cli
from imagekit import errors
from imagekit.catalog import load_catalog
from imagekit.errors import ImagekitError
from imagekit.schema import describe_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.schema import FieldDoc, KindDoc

FOLDER = Path(__file__).parent / "reference"
MADE = "<!-- Written by docs/build_reference.py; edit the docstrings instead, and run: make docs -->\n"


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    texts = {"kinds.md": kinds_page(), "errors.md": errors_page()}
    return {name: re.sub("(?<!`)``(?!`)", "`", text) for name, text in texts.items()}


def kinds_page() -> str:
    """Return the page of all kinds that come with imagekit."""
    docs = [describe_kind(cls) for kind, cls in load_catalog().items() if "." not in kind]
    table = ["| kind | does |", "|---|---|", *(f"| [`{doc.kind}`](#{doc.kind}) | {doc.summary} |" for doc in docs)]
    intro = "Each is one item of a spec's `transforms`. The main field may be given alone."
    return "\n".join([MADE, "# Kinds\n", intro + "\n", *table, "", *(_kind(doc) for doc in docs)])


def _kind(doc: KindDoc) -> str:
    notes = [f"Main field: `{doc.main}`."] if doc.main else []
    notes += [f"Runs in the {doc.phase} phase, whatever its place in the spec."] if doc.phase != "content" else []
    notes += ["Opaque: it runs guest programs."] if doc.opaque else []
    parts = [f"## {doc.kind}", doc.summary, doc.description, " ".join(notes), _example(doc.example)]
    rows = [
        f"| `{name}` | {field.type} | {'**required**' if field.required else _code(field.default)} | {_cell(field.description)} |"
        for name, field in _fields(doc.fields)
    ]
    table = ["| field | takes | default | meaning |\n|---|---|---|---|", *rows] if rows else []
    return "\n\n".join([*filter(None, parts), *(["\n".join(table)] if table else [])]) + "\n"


def _example(example: str) -> str:
    return "```yaml\n- " + example.replace("\n", "\n  ") + "\n```"


def _fields(fields: tuple[FieldDoc, ...], above: str = "") -> Iterator[tuple[str, FieldDoc]]:
    for field in fields:
        yield f"{above}{field.name}", field
        yield from _fields(field.fields, f"{above}{field.name}.")


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def errors_page() -> str:
    """Return the page of all errors, by who must act."""
    families = [cls for cls in vars(errors).values() if isinstance(cls, type) and _is_family(cls)]
    known = _known()
    intro = (
        "A code never changes its meaning. `imagekit` exits with the status of the family; `--json` prints the code,\n"
        "and in Python each is a class below `imagekit.ImagekitError`.\n"
    )
    parts = [MADE, "# Errors\n", intro]
    for family in families:
        members = [cls for cls in known if issubclass(cls, family) and cls is not family]
        parts += [f"## {family.__name__}: exit status {family.exit_status}\n", f"{_first_line(family)}\n"]
        parts += _codes(members) if members else []
    others = [cls for cls in known if not issubclass(cls, tuple(families))]
    parts += ["## Of the command alone\n", *_codes(others)] if others else []
    return "\n".join(parts)


def _codes(members: list[type[ImagekitError]]) -> list[str]:
    rows = [f"| {cls.code} | {_cell(_first_line(cls))} |" for cls in members]
    return ["| code | means |", "|---|---|", *rows, ""]


def _first_line(cls: type) -> str:
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def _is_family(cls: type) -> TypeGuard[type[ImagekitError]]:
    return cls.__base__ is ImagekitError


def _known() -> list[type[ImagekitError]]:
    """Return every error of the product, by code; all modules are loaded for it."""
    for package in (imagekit, imagekit_cli):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    return sorted(_below(ImagekitError), key=lambda cls: cls.code)


def _below(cls: type[ImagekitError]) -> set[type[ImagekitError]]:
    direct = {each for each in cls.__subclasses__() if each.__module__.startswith("imagekit")}
    return direct.union(*(_below(each) for each in direct))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"wrote docs/reference/{name}")
