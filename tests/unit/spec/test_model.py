from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.secret import Secret
from imagekit.spec import Entry, Output, Spec, When
from imagekit.transforms.hostname import Hostname

if TYPE_CHECKING:
    from collections.abc import Callable


def test_python_may_give_transforms_as_they_are() -> None:
    spec = Spec(name="web", transforms=[Hostname(name="web-1"), Entry(transform=Hostname(name="b"), id="second")])

    assert [entry.transform for entry in spec.transforms] == [Hostname(name="web-1"), Hostname(name="b")]
    assert [entry.id for entry in spec.transforms] == [None, "second"]
    assert spec.version == 1


def test_a_spec_holds_nothing_but_entries() -> None:
    with pytest.raises(ValidationError):
        Spec(transforms=["hostname"])
    with pytest.raises(ValidationError):
        Entry(transform="hostname")


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "..", "x" * 65])
def test_a_name_can_always_be_that_of_a_file(name: str) -> None:
    with pytest.raises(ValidationError):
        Spec(name=name)


def test_a_spec_is_serialised_as_a_spec_writes_it() -> None:
    when = When(family=("debian",))
    spec = Spec(name="web", transforms=[Entry(transform=Hostname(name="a"), id="x", when=when)], outputs=[Output()])

    assert spec.model_dump(mode="json")["transforms"] == [
        {"hostname": {"name": "a"}, "id": "x", "when": {"family": ["debian"]}}
    ]


def test_a_secret_is_serialised_by_its_name(parse: Callable[..., Spec], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEKIT_TEST_TOKEN", "canary")
    spec = parse("secrets: {token: {env: IMAGEKIT_TEST_TOKEN}}\ntransforms: [greeting: {text: {secret: token}}]\n")

    assert isinstance(getattr(spec.transforms[0].transform, "text", None), Secret)
    assert spec.model_dump(mode="json")["transforms"] == [{"greeting": {"text": {"secret": "token"}}}]
    assert "canary" not in spec.model_dump_json() + repr(spec) + str(spec)


def test_what_waits_for_facts_is_serialised_as_it_was_written(parse: Callable[..., Spec]) -> None:
    spec = parse("transforms: [greeting: 'hello ${{ facts.distro }}']")

    assert spec.model_dump(mode="json")["transforms"] == [{"greeting": {"text": "hello ${{ facts.distro }}"}}]
    assert spec.transforms[0].kind_name == "greeting"


def test_an_origin_locates_the_nearest_field_that_was_written(parse: Callable[..., Spec]) -> None:
    origin = parse("transforms:\n  - people:\n      - name: ada\n        groups: [a, b]\n").transforms[0].origin

    assert origin is not None
    assert str(origin.locate("people[0].groups[1]")) == "spec.yaml:4:21"
    assert str(origin.locate("people[0].shell")) == "spec.yaml:3:9"
    assert str(origin.locate("")) == "spec.yaml:2:5"
    assert str(origin.locate("nothing")) == "spec.yaml:2:5"
