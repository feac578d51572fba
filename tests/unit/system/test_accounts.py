from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system import accounts
from imagekit.testing.memory import MemoryGuest


def test_users_are_read_and_lines_that_are_none_passed_over() -> None:
    users = accounts.parse_passwd("root:x:0:0:root:/root:/bin/sh\n+::::::\n\nbroken:x:1\n")

    assert users == (accounts.User("root", 0, 0, "/root", "/bin/sh"),)


def test_groups_are_read_with_their_members() -> None:
    groups = accounts.parse_group("sudo:x:27:ann,bob\nempty:x:5:\n+:::\n")

    assert groups == (accounts.Group("sudo", 27, ("ann", "bob")), accounts.Group("empty", 5, ()))


def test_names_and_numbers_are_looked_up_in_the_guest(debian: MemoryGuest) -> None:
    assert accounts.uid_of(debian, "sshd", "owner") == 101
    assert accounts.gid_of(debian, "shadow", "group") == 42
    assert accounts.uid_of(debian, "17", "owner") == accounts.uid_of(debian, 17, "owner") == 17


def test_root_is_zero_even_without_any_file() -> None:
    assert accounts.uid_of(MemoryGuest(), "root", "owner") == accounts.gid_of(MemoryGuest(), "root", "group") == 0


def test_an_unknown_group_gets_the_nearest_name(debian: MemoryGuest) -> None:
    with pytest.raises(Problem) as caught:
        accounts.gid_of(debian, "shadwo", "files[0].group")

    assert (caught.value.field, caught.value.code) == ("files[0].group", "IK-USR-002")
    assert caught.value.fix == "did you mean 'shadow'?"


def test_a_name_like_no_other_gets_another_way_out(debian: MemoryGuest) -> None:
    with pytest.raises(Problem) as caught:
        accounts.uid_of(debian, "zzz", "owner")

    assert "earlier step" in caught.value.fix
