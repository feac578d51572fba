from __future__ import annotations

import pytest

from imagekit.system.bootloader import shellvars


def more(value: str) -> str:
    return value if "x" in value.split() else f"{value} x".strip()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A=\n", 'A="x"\n'),
        ("A=quiet # why\n", 'A="quiet x" # why\n'),
        ('A="quiet splash"\n', 'A="quiet splash x"\n'),
        ("A='quiet'\n", "A='quiet x'\n"),
        ('  export A="quiet"', '  export A="quiet x"'),
        ('A="$A quiet \\"b c\\""\n', 'A="$A quiet \\"b c\\" x"\n'),
        ("B=1\n", 'B=1\nA="x"\n'),
        ("B=1", 'B=1\nA="x"\n'),
        ("#A=1\nAA=2\n", '#A=1\nAA=2\nA="x"\n'),
        ("A=1\nB=2\nA=3\nB=4\n", 'A=1\nB=2\nA="3 x"\nB=4\n'),
    ],
)
def test_the_last_assignment_is_edited_inside_its_quotes(before: str, after: str) -> None:
    assert shellvars.edit_last(before, "A", more) == after
    assert shellvars.edit_last(after, "A", more) == after


def test_each_assignment_is_edited() -> None:
    assert shellvars.edit_each("A=1\nB=2\nA='3'\n", "A", more) == "A=\"1 x\"\nB=2\nA='3 x'\n"


def test_a_quote_that_single_quotes_cannot_hold_gets_double_ones() -> None:
    assert shellvars.edit_last("A='a'\n", "A", lambda _: "it's") == 'A="it\'s"\n'


def test_nothing_is_written_for_an_empty_value() -> None:
    assert shellvars.edit_last("B=1\n", "A", lambda value: value) == "B=1\n"


def test_contents_are_told_without_their_quotes() -> None:
    assert shellvars.contents('A=1\nA="b \\"c\\" $A"\n', "A") == ("1", 'b "c" $A')


@pytest.mark.parametrize("line", ['A="a"b', "A=$(date)", 'A="a \\', "A+=b", "A=a; B=c", "A='a", "A=a b"])
def test_what_is_put_together_is_not_edited(line: str) -> None:
    with pytest.raises(shellvars.NotPlain):
        shellvars.edit_last(f"{line}\nB=1\n", "A", more)
