from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("words", [["schema"], ["schema", "--json"], ["--json", "schema"]])
def test_the_schema_is_one_json_document_and_has_every_kind(run: Callable[..., Any], words: list[str]) -> None:
    ran = run(*words)

    schema = json.loads(ran.out)
    assert (ran.status, ran.err) == (0, "")
    assert schema["title"] == "imagekit spec"
    assert "hostname" in json.dumps(schema["$defs"]["item"])


def test_an_argument_is_wrong_usage(run: Callable[..., Any]) -> None:
    assert run("schema", "hostname").status == 2
