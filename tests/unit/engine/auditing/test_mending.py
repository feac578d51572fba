from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.catalog import kind_of, load_catalog
from imagekit.engine.auditing.mending import reset, spec_for, spell, usable
from imagekit.identity.catalogue import load_catalogue
from imagekit.spec import parse_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.auditing.report import Finding


@pytest.mark.parametrize("name", [item.id for item in load_catalogue()])
def test_every_identity_is_mended_by_an_item_of_a_spec(name: str) -> None:
    ((kind, fields),) = reset(name).items()

    assert load_catalog()[kind].model_validate(fields).resets == (name,)


def test_a_kind_that_needs_nothing_is_named_alone() -> None:
    assert spell([{"ssh-host-keys": None}]) == "  - ssh-host-keys\n"


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"delete": "/a b"}, 'delete: "/a b"'),
        ({"delete": '/x", evil: "y'}, 'delete: "/x\\", evil: \\"y"'),
        ({"users": [{"name": "no", "locked": True}]}, 'users: [{name: "no", locked: true}]'),
        ({"users": [{"name": "1000", "locked": False}]}, 'users: [{name: "1000", locked: false}]'),
    ],
)
def test_texts_of_a_guest_stay_texts(item: dict[str, Any], text: str) -> None:
    assert spell([item]) == f"  - {text}\n"


@pytest.mark.parametrize("path", ["/root/*", "/a?", "/[x]", "/{a,b}", "/${{ x }}", "/a\nb", "/\x1b[1m"])
def test_a_path_that_a_spec_would_misread_is_not_put_in_one(path: str) -> None:
    assert usable([{"delete": path}, {"machine-id": None}]) == ({"machine-id": None},)


def test_a_whole_spec_says_each_thing_once(finding: Callable[..., Finding]) -> None:
    findings = [
        finding(mend=({"ssh-host-keys": None},)),
        finding(mend=({"ssh-host-keys": None},)),
        finding(mend=({"generalize": {"only": ["tmp"]}},)),
        finding(mend=({"generalize": {"only": ["logs"]}},)),
        finding(mend=({"delete": "/root/a.key"},)),
        finding(mend=({"delete": "/root/b.key"},)),
        finding(mend=({"run": ["passwd", "-l", "root"]},)),
        finding(mend=({"packages": {"install": ["growpart"]}},)),
        finding(),
    ]

    assert spec_for(findings) == (
        "version: 1\n"
        "transforms:\n"
        "  - packages: {install: [growpart]}\n"
        "  - delete: {paths: [/root/a.key, /root/b.key]}\n"
        "  - ssh-host-keys\n"
        '  - run: [passwd, "-l", root]\n'
        "  - generalize: {only: [logs, tmp]}\n"
    )


def test_nothing_to_mend_is_no_spec(finding: Callable[..., Finding]) -> None:
    assert spec_for([finding()]) == ""


def test_what_is_made_is_a_spec(finding: Callable[..., Finding]) -> None:
    hostile = [finding(mend=({"delete": '/root/" - run: x'},)), finding(mend=({"machine-id": None},))]

    assert [kind_of(step.kind) for step in parse_spec(spec_for(hostile)).transforms] == ["delete", "machine-id"]
