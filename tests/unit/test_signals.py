from __future__ import annotations

import os
import signal
import threading

import pytest

from imagekit.signals import Terminated, terminating


def test_sigterm_unwinds_every_context_and_the_old_handler_is_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    unwound = []

    def ended() -> None:
        with terminating():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                unwound.append(True)

    with pytest.raises(Terminated):
        ended()

    assert unwound == [True]
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_second_sigterm_does_not_cut_the_clean_up_short() -> None:
    cleaned = []

    def ended() -> None:
        with terminating():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
                cleaned.append(True)

    with pytest.raises(Terminated):
        ended()

    assert cleaned == [True]


def test_no_handler_that_catches_failures_takes_it_for_one() -> None:
    assert not issubclass(Terminated, Exception)


def test_outside_the_main_thread_nothing_is_done() -> None:
    entered = []

    def go() -> None:
        with terminating():
            entered.append(True)

    thread = threading.Thread(target=go)
    thread.start()
    thread.join()

    assert entered == [True]
