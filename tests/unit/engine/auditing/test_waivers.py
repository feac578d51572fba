from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from imagekit.engine.auditing.waivers import WaiversInvalid, load_waivers, parse_waivers, waive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imagekit.engine.auditing.report import Finding

TEXT = """\
version: 1
waivers:
  - rule: ssh-host-keys
    path: /etc/ssh/*
    reason: one bastion
    until: 2030-01-31
  - {rule: tmp, reason: "scratch", until: "2026-02-01"}
"""
TODAY = date(2030, 1, 31)


def problems(text: str) -> list[str]:
    with pytest.raises(WaiversInvalid) as raised:
        parse_waivers(text)
    return [each.render() for each in raised.value.diagnostics]


def test_a_file_is_read_with_the_places_of_its_waivers(tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(TEXT)

    first, second = load_waivers(file)

    assert (first.rule, first.path, first.reason, first.until) == (
        "ssh-host-keys",
        "/etc/ssh/*",
        "one bastion",
        date(2030, 1, 31),
    )
    assert (second.path, second.place) == ("*", f"{file}:7")


def test_a_waiver_covers_its_rule_at_its_paths(finding: Callable[..., Finding]) -> None:
    findings = (
        finding(rule="ssh-host-keys", path="/etc/ssh/ssh_host_rsa_key"),
        finding(rule="ssh-host-keys", path="/opt/key"),
        finding(),
    )

    told, stale = waive(findings, parse_waivers(TEXT)[:1], TODAY)

    assert [each.waived.reason if each.waived else "" for each in told] == ["one bastion", "", ""]
    assert told[0].waived is not None
    assert told[0].waived.place == "waivers.yaml:3"
    assert stale == ()


def test_a_waiver_holds_through_its_last_day_and_not_after(finding: Callable[..., Finding]) -> None:
    found, waivers = (finding(rule="ssh-host-keys", path="/etc/ssh/x"),), parse_waivers(TEXT)[:1]

    assert waive(found, waivers, date(2030, 1, 31))[0][0].waived
    (later,), (stale,) = waive(found, waivers, date(2030, 2, 1))
    assert later.waived is None
    assert (stale.state, stale.rule) == ("expired", "ssh-host-keys")


def test_a_waiver_that_covers_nothing_is_told(finding: Callable[..., Finding]) -> None:
    _, stale = waive((finding(),), parse_waivers(TEXT)[:1], TODAY)

    assert [(each.state, each.path, each.place) for each in stale] == [("unused", "/etc/ssh/*", "waivers.yaml:3")]


@pytest.mark.parametrize("left_out", ["rule", "reason", "until"])
def test_rule_reason_and_last_day_must_be_there(left_out: str) -> None:
    fields = {"rule": "tmp", "reason": "x", "until": "2030-01-01"}
    given = ", ".join(f"{name}: {value}" for name, value in fields.items() if name != left_out)

    (told,) = problems(f"waivers: [{{{given}}}]\n")

    assert f'"{left_out}" is missing' in told
    assert "waivers.yaml:1:" in told


def test_a_misspelt_rule_gets_the_nearest_name() -> None:
    (told,) = problems("waivers:\n  - {rule: machine_id, reason: x, until: 2030-01-01}\n")

    assert "waivers.yaml:2:12  error IK-AUD-003" in told
    assert 'did you mean "machine-id"?' in told


@pytest.mark.parametrize(
    "text", ["", "- x\n", "waivers: {\n", "other: 1\n", "waivers: [{rule: tmp, reason: '  ', until: 2030-01-01}]"]
)
def test_what_is_no_such_file_is_refused(text: str) -> None:
    assert problems(text)


@pytest.mark.parametrize("day", ["tomorrow", "2030-13-01", "20300101x"])
def test_a_day_is_a_day(day: str) -> None:
    (told,) = problems(f"waivers: [{{rule: tmp, reason: x, until: {day}}}]\n")

    assert "until" in told


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WaiversInvalid, match=r"none\.yaml") as raised:
        load_waivers(tmp_path / "none.yaml")

    assert raised.value.exit_status == 2
    assert raised.value.document()["diagnostics"]
