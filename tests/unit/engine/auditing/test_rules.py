from __future__ import annotations

from dataclasses import replace

import pytest

from imagekit.engine.auditing.rules import known_ids, rules_for, severity_of
from imagekit.identity.catalogue import load_catalogue
from imagekit.identity.flaws import load_flaws


@pytest.mark.parametrize("use", ["template", "instance"])
def test_no_two_rules_share_an_id(use: str) -> None:
    ids = [rule.id for rule in rules_for(use, deep=True)]  # type: ignore[arg-type]

    assert len(set(ids)) == len(ids)


def test_a_template_is_held_to_every_identity_and_every_flaw() -> None:
    ids = {rule.id for rule in rules_for("template")}

    assert {item.id for item in load_catalogue()} | {flaw.id for flaw in load_flaws()} <= ids


def test_an_instance_may_hold_what_only_a_template_must_not() -> None:
    ids = {rule.id for rule in rules_for("instance")}

    assert "private-key" not in ids
    assert {"machine-id", "weak-password", "hibernated"} <= ids


def test_what_generalize_leaves_alone_is_a_note_unless_it_is_an_error() -> None:
    item = load_catalogue()[0]

    assert severity_of(replace(item, default=False, severity="warning")) == "note"
    assert severity_of(replace(item, default=False, severity="error")) == "error"
    assert severity_of(replace(item, default=True, severity="warning")) == "warning"


def test_every_rule_may_be_waived_by_its_id() -> None:
    assert {rule.id for rule in rules_for("template", deep=True)} <= known_ids().keys()
    assert known_ids()["machine-id"] == "machine-id"


def test_what_is_in_raw_bytes_is_looked_for_only_if_asked() -> None:
    deep, shallow = ({rule.id for rule in rules_for("template", deep=each)} for each in (True, False))

    assert deep - shallow == {"deleted-secret"}
