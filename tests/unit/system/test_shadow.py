from __future__ import annotations

import pytest

from imagekit.system.shadow import Password, lock, passwords
from imagekit.testing.memory import MemoryGuest


def guest(passwd: str, shadow: str) -> MemoryGuest:
    return MemoryGuest({"/etc/passwd": passwd, "/etc/shadow": shadow})


def test_the_field_of_shadow_counts_where_passwd_has_an_x() -> None:
    found = passwords(guest("a:x:1:1::/:/bin/sh\nb:y:2:2::/:/bin/sh\n", "a:hash:1::::::\nb:other:1::::::\n"))

    assert found == (
        Password("a", "hash", "/etc/shadow", "/bin/sh"),
        Password("b", "y", "/etc/passwd", "/bin/sh"),
    )


def test_a_user_without_a_line_in_shadow_has_no_password_to_judge() -> None:
    assert passwords(guest("a:x:1:1::/:/bin/sh\n", "")) == ()


def test_comments_and_lines_of_nis_are_passed_over() -> None:
    assert passwords(guest("+::::::\n#a:x:1:1::/:/bin/sh\n", "+:::::::\n")) == ()


@pytest.mark.parametrize(
    ("field", "empty", "hashed"),
    [
        ("", True, False),
        ("!", False, False),
        ("*", False, False),
        ("!$6$x", False, False),
        ("$6$abcdefghijkl", False, True),
    ],
)
def test_a_field_is_empty_a_lock_or_a_hash(field: str, empty: bool, hashed: bool) -> None:
    password = Password("a", field, "/etc/shadow", "/bin/sh")

    assert (password.empty, password.hashed) == (empty, hashed)


@pytest.mark.parametrize(
    ("shell", "lets_in"),
    [("/bin/bash", True), ("", True), ("/usr/sbin/nologin", False), ("/bin/false", False), ("/bin/sync", False)],
)
def test_a_shell_that_is_none_lets_nobody_in(shell: str, lets_in: bool) -> None:
    assert Password("a", "", "/etc/shadow", shell).lets_in is lets_in


@pytest.mark.parametrize(
    ("user", "locks"), [("root", True), ("jo.doe", True), ("-d", False), ("a b", False), ("", False)]
)
def test_a_password_is_locked_by_the_name_of_its_user_if_that_is_one(user: str, locks: bool) -> None:
    assert lock(user) == (({"run": ["passwd", "-l", user]},) if locks else ())
