from __future__ import annotations

import pytest

from imagekit import wording
from imagekit.events import Event, Notice, StageFinished, StageStarted, StepFinished, StepStarted


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\n", "\u202e", "\ud800", "\ufffe", "\u2028"])
def test_what_does_not_show_as_what_it_is_is_replaced(char: str) -> None:
    assert wording.readable(f"a{char}b") == "a\ufffdb"


def test_other_texts_stay() -> None:
    assert wording.readable("/etc/größe 日本") == "/etc/größe 日本"


@pytest.mark.parametrize(
    ("count", "told"),
    [(912, "912 B"), (1536, "1.5 KiB"), (3 << 20, "3.0 MiB"), (12 << 30, "12.0 GiB"), (2 << 40, "2.0 TiB")],
)
def test_sizes_have_the_unit_that_people_read(count: int, told: str) -> None:
    assert wording.size(count) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.44, "0.4 s"), (59.0, "59.0 s"), (72.4, "1 min 12 s"), (3599.6, "1 h 0 min"), (7530, "2 h 5 min")],
)
def test_durations_are_told_in_the_units_that_people_read(value: float, told: str) -> None:
    assert wording.seconds(value) == told


def test_one_thing_is_not_told_in_the_plural() -> None:
    assert [wording.many(count, "step") for count in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (StageStarted("start appliance", "the longest wait"), "start appliance … (the longest wait)"),
        (StageStarted("trim"), "trim …"),
        (StageFinished("trim", 1.24), "trim: done in 1.2 s"),
        (StepStarted(2, 3, "hostname", "hostname web"), "step 2/3 hostname web …"),
        (StepFinished(2, "hostname", 0.5, 1), "step 2 hostname: 1 change in 0.5 s"),
        (Notice("KVM does not work"), "note: KVM does not work"),
    ],
)
def test_every_event_is_a_plain_sentence(event: Event, text: str) -> None:
    assert wording.told(event) == text


def test_an_event_of_a_later_release_is_told_as_it_is() -> None:
    assert wording.told(Event()) == "{'event': 'Event'}"
