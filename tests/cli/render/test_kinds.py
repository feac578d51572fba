from __future__ import annotations

from imagekit.engine.describing import BrokenKind, KindList
from imagekit.schema import FieldDoc, KindDoc
from imagekit_cli.render.kinds import kind_lines, list_lines

INNER = FieldDoc(name="uid", type="whole number", required=False, default="", description="")
FIELD = FieldDoc(name="owner", type="mapping", required=True, default="", description="Whose it is.", fields=(INNER,))
KIND = KindDoc(
    kind="touch",
    summary="Touch a file.",
    description="More of it.",
    main="path",
    phase="closing",
    opaque=True,
    fields=(FIELD, INNER.model_copy(update={"default": "7"})),
    example="touch: /etc/a\n",
)


def test_the_list_has_a_line_a_kind_and_names_those_that_are_broken() -> None:
    described = KindList(kinds=(KIND,), broken=(BrokenKind(kind="acme.x", message="it cannot be used"),))

    assert [line.text for line in list_lines(described)] == [
        "touch  (path)  Touch a file.",
        "acme.x: it cannot be used",
    ]


def test_a_kind_is_shown_whole() -> None:
    assert [line.text for line in kind_lines(KIND)] == [
        "touch",
        "  Touch a file.",
        "  More of it.",
        "  main field: path; phase: closing; runs guest programs",
        "fields",
        "  owner  mapping, required",
        "      Whose it is.",
        "      uid  whole number, optional",
        "  uid  whole number, default 7",
        "example",
        "  touch: /etc/a",
    ]


def test_a_kind_without_fields_says_so() -> None:
    plain = KIND.model_copy(update={"fields": (), "main": None, "phase": "content", "opaque": False})

    lines = [line.text for line in kind_lines(plain)]

    assert "  none" in lines
    assert not any("main field" in line for line in lines)
