from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def test_every_kind_is_listed_with_what_it_does(run: Callable[..., Any]) -> None:
    ran = run("transforms")

    assert ran.status == 0
    assert any(line.startswith("hostname ") and "(name)" in line for line in ran.out.splitlines())


def test_one_kind_is_shown_with_its_fields_and_an_example(run: Callable[..., Any]) -> None:
    told = run("transforms", "write-files").out

    assert told.startswith("write-files\n")
    assert "files  list of mappings, required" in told
    assert "example\n  write-files:" in told


def test_with_json_kinds_are_data(run: Callable[..., Any]) -> None:
    every = json.loads(run("transforms", "--json").out)["kinds"]
    (one,) = json.loads(run("transforms", "hostname", "--json").out)["kinds"]

    assert one in every
    assert one["main"] == "name"


def test_a_misspelt_kind_gets_the_nearest_name(run: Callable[..., Any]) -> None:
    ran = run("transforms", "hostnam")

    assert ran.status == 2
    assert "did you mean hostname?" in ran.err
