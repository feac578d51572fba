"""A guest's serial output: bounded, and fit to read."""

from __future__ import annotations

from imagekit.vm.serial import Tail, readable


def test_colours_and_carriage_returns_are_taken_out() -> None:
    assert readable(b"[\x1b[0;32m  OK  \x1b[0m] Reached \x1b[0;1;39mmulti-user.target\x1b[0m.\r\n") == (
        "[  OK  ] Reached multi-user.target.\n"
    )


def test_what_a_terminal_would_act_upon_is_taken_out() -> None:
    assert readable(b"\x1b[!p\x1b[?7l\x1bca\x07b\x08c\x1b]") == "abc"


def test_a_line_that_was_written_over_becomes_two() -> None:
    assert readable(b"10%\r20%\r\n") == "10%\n20%\n"


def test_undecodable_bytes_are_replaced() -> None:
    assert readable(b"\xff\xfegr\xc3\xbcn") == "��grün"


def test_a_tail_keeps_the_last_bytes() -> None:
    tail = Tail(8)
    tail.feed(b"the beginning, ")
    tail.feed(b"the end")

    assert tail.text == " the end"


def test_a_tail_never_holds_more_than_its_limit() -> None:
    tail = Tail(4)
    for _ in range(100):
        tail.feed(b"x" * 100)

    assert tail.text == "xxxx"
