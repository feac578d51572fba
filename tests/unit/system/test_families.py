from __future__ import annotations

import pytest

from imagekit.guest.facts import Facts
from imagekit.system import families

UBUNTU = Facts(distro="ubuntu", family="debian")


def test_a_distributions_own_name_wins_over_its_familys() -> None:
    assert families.name_for({"ubuntu": "a", "debian": "b"}, UBUNTU) == "a"
    assert families.name_for({"rhel": "a", "debian": "b"}, UBUNTU) == "b"
    assert families.name_for("c", UBUNTU) == "c"


def test_where_none_is_needed_none_is_named() -> None:
    assert families.names_for(("a", {"ubuntu": None}, {"debian": "b"}), UBUNTU) == ("a", "b")


def test_an_entry_that_says_nothing_of_this_family_is_a_problem_at_its_place() -> None:
    (problem,) = families.nameless("enable", ("a", {"rhel": "b"}), UBUNTU, code="IK-X-001")

    assert (problem.field, problem.code) == ("enable[1]", "IK-X-001")
    with pytest.raises(KeyError):
        families.name_for({"rhel": "b"}, UBUNTU)
