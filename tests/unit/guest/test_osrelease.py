from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, strategies as st

from imagekit.guest.osrelease import clean, clean_word, family_of, parse_os_release


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("ID=debian", "debian"),
        ('ID="debian"', "debian"),
        ("ID='debian'", "debian"),
        ('ID="a \\"b\\" \\$c \\`d\\` \\\\e"', 'a "b" $c `d` \\e'),
        ("ID='a \\$b'", "a \\$b"),
        ("ID=", ""),
        ('ID=""', ""),
        ("ID=debian  ", "debian"),
        ("  ID=debian", "debian"),
        ("ID=debian\r", "debian"),
        ("ID=$(reboot)", "$(reboot)"),
        ('ID="', '"'),
    ],
)
def test_a_value_is_unquoted_as_a_shell_would_and_never_expanded(line: str, value: str) -> None:
    assert parse_os_release(f"{line}\n") == {"ID": value}


def test_comments_and_what_is_no_assignment_are_skipped() -> None:
    assert parse_os_release("# ID=x\n\nnonsense\n=y\nid=lower\n") == {}


def test_the_last_assignment_wins() -> None:
    assert parse_os_release("ID=a\nID=b\n") == {"ID": "b"}


@given(st.text())
def test_no_text_of_a_guest_steers_a_terminal(text: str) -> None:
    for value in (clean(text), *parse_os_release(f"ID={text}").values()):
        assert len(value) <= 128
        assert not {unicodedata.category(char) for char in value} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_escapes_lose_their_teeth_and_plain_text_stays() -> None:
    assert clean("\x1b[31mred\x00\u202e\r\n") == "[31mred"
    assert clean("Ünïx 日本 (12)") == "Ünïx 日本 (12)"
    assert clean("x" * 5000) == "x" * 128


@pytest.mark.parametrize("word", ["debian", "22.04", "9~beta+1", "opensuse-leap"])
def test_an_identifier_is_one_word(word: str) -> None:
    assert clean_word(word) == word


@pytest.mark.parametrize("word", ["", "two words", "a\x1bb", "a/b", "../x", "ü", "x" * 129, "a\n"])
def test_what_is_no_word_is_nothing(word: str) -> None:
    assert clean_word(word) == ""


@pytest.mark.parametrize(
    ("identifier", "like", "family"),
    [
        ("debian", "", "debian"),
        ("ubuntu", "debian", "debian"),
        ("linuxmint", "ubuntu debian", "debian"),
        ("devuan", "debian", "debian"),
        ("fedora", "", "rhel"),
        ("rocky", "rhel centos fedora", "rhel"),
        ("almalinux", "", "rhel"),
        ("ol", "fedora", "rhel"),
        ("amzn", "", "rhel"),
        ("sles", "suse", "suse"),
        ("opensuse-leap", "suse opensuse", "suse"),
        ("arch", "", "arch"),
        ("alpine", "", "alpine"),
        ("my-own", "nonsense ubuntu", "debian"),
        ("my-own", "centos", "rhel"),
        ("nixos", "", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_the_family_is_known_by_id_else_by_what_it_is_like(identifier: str, like: str, family: str) -> None:
    assert family_of(identifier, like) == family
