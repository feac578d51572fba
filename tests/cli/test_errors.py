from __future__ import annotations

from imagekit_cli.errors import BadUsage, Bug, CannotWrite, Ended, UnknownCommand, UnknownOption


def test_wrong_words_end_with_2_and_point_at_the_help() -> None:
    error = BadUsage("no", "imagekit plan")

    assert (error.exit_status, error.fix) == (2, "run: imagekit plan --help")


def test_an_unknown_command_gets_the_nearest_name_or_the_help() -> None:
    assert UnknownCommand("pln", "plan").fix == "did you mean: imagekit plan"
    assert UnknownCommand("zzz", "").fix == "run: imagekit --help"


def test_an_unknown_option_gets_the_nearest_name_or_the_help() -> None:
    assert UnknownOption("--stat", "imagekit plan", "--static").fix == "did you mean: --static"
    assert UnknownOption("--zzz", "imagekit plan", "").fix == "run: imagekit plan --help"


def test_what_cannot_be_written_is_for_the_host() -> None:
    assert CannotWrite("the log x", "Is a directory").exit_status == 3


def test_a_bug_ends_with_1_and_names_its_log() -> None:
    error = Bug(KeyError("x"), "/tmp/a.log")

    assert error.exit_status == 1
    assert error.message == "this is a bug in imagekit: KeyError: 'x'"
    assert "/tmp/a.log" in error.why
    assert error.document()["log"] == "/tmp/a.log"


def test_a_bug_without_a_log_says_so() -> None:
    assert Bug(RuntimeError(), "").why == "no log could be written"


def test_sigterm_ends_with_143() -> None:
    assert Ended("over").exit_status == 143
