from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from benchmarks.ratios import Result
from benchmarks.running import Contender, in_turn, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def contender(name: str, *, reference: bool = False) -> Contender:
    return Contender(name, lambda _: [], {}, reference)


def test_contenders_take_turns_round_by_round() -> None:
    order: list[str] = []

    def once(each: Contender) -> float:
        order.append(each.name)
        return float(len(order))

    results = in_turn("size", "2 GiB", [contender("theirs", reference=True), contender("ours")], 2, once)

    assert order == ["theirs", "ours", "theirs", "ours"]
    assert results == [
        Result("size", "2 GiB", "theirs", (1.0, 3.0), reference=True),
        Result("size", "2 GiB", "ours", (2.0, 4.0)),
    ]


def test_a_command_that_fails_ends_the_program_with_what_it_said() -> None:
    with pytest.raises(SystemExit, match="failed with status 3:\nno such thing"):
        run([sys.executable, "-c", "print('no such thing'); raise SystemExit(3)"], os.environ)


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path, ended: Callable[[int], bool]) -> None:
    child = tmp_path / "child"
    script = f"sleep 600 & echo $! > {child}; wait"

    with pytest.raises(SystemExit, match="took longer than"):
        run(["sh", "-c", script], os.environ, longest=2)

    assert ended(int(child.read_text()))
