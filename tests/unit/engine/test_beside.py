from __future__ import annotations

import threading

import pytest

from imagekit.engine.beside import Beside


def test_work_goes_on_while_the_caller_does_something_else() -> None:
    first, second = threading.Event(), threading.Event()

    def work() -> str:
        first.set()
        second.wait(10)
        return "done"

    beside = Beside(work)
    assert first.wait(10)
    assert beside.running
    second.set()

    assert beside.result() == "done"
    assert not beside.running
    assert beside.seconds > 0


def test_what_went_wrong_is_raised_where_the_result_is_wanted() -> None:
    beside = Beside(lambda: 1 // 0)
    beside.wait()

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            beside.result()


def test_nothing_is_a_result_too() -> None:
    assert Beside(lambda: None).result() is None


def test_a_result_may_be_asked_for_twice() -> None:
    beside = Beside(lambda: 7)

    assert (beside.result(), beside.result()) == (7, 7)
