from __future__ import annotations

import pytest
from pydantic import ValidationError

from imagekit.guest.facts import Facts
from imagekit.spec.conditions import When, same_arch

FACTS = Facts(distro="ubuntu", family="debian", version="22.04", arch="x86_64", init="systemd")


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ({}, True),
        ({"family": "debian"}, True),
        ({"family": ["rhel", "debian"]}, True),
        ({"family": "rhel"}, False),
        ({"distro": ["debian", "ubuntu"]}, True),
        ({"distro": "debian"}, False),
        ({"arch": "amd64"}, True),
        ({"arch": ["aarch64", "riscv64"]}, False),
        ({"init": "openrc"}, False),
        ({"family": "debian", "distro": "ubuntu", "version": ">=22", "arch": "x86_64", "init": "systemd"}, True),
        ({"family": "debian", "version": "<22"}, False),
    ],
)
def test_all_that_is_said_must_hold_and_of_a_list_any_one(condition: dict[str, object], matches: bool) -> None:
    assert When.model_validate(condition).matches(FACTS) is matches


@pytest.mark.parametrize(
    ("comparison", "version", "holds"),
    [
        ("12", "12", True),
        ("12", "12.5", True),
        ("=12", "13", False),
        ("==12.4", "12.5", False),
        ("!=12", "12.5", False),
        ("!=12", "13", True),
        (">=12", "12", True),
        (">=12", "9", False),
        (">=9", "12", True),
        (">12", "12.5", False),
        ("<=9", "9.4", True),
        ("<10", "9.4", True),
        ("<9.4", "9", True),
        (">=22.04", "22.10", True),
        (">=9,<10", "9.4", True),
        (">=9, <10", "10.0", False),
        (">=9", "", False),
        ("<9", "", False),
        (["<9", ">=12"], "12", True),
        (["<9", ">=12"], "10", False),
        (12, "12", True),
    ],
)
def test_versions_are_compared_number_by_number(comparison: object, version: str, holds: bool) -> None:
    assert When.model_validate({"version": comparison}).matches(Facts(version=version)) is holds


@pytest.mark.parametrize(
    "condition", [{"version": 22.10}, {"version": "newest"}, {"version": ">=12;<13"}, {"family": "debain"}, {"os": "x"}]
)
def test_a_condition_that_could_never_be_meant_is_refused(condition: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        When.model_validate(condition)


def test_a_mismatch_says_what_was_wanted_and_what_is_there() -> None:
    assert When(family=("rhel", "suse")).mismatch(FACTS) == "for family rhel or suse; this is debian"
    assert When(version=(">=24",)).mismatch(FACTS) == "for version >=24; this is 22.04"
    assert When(version=("12",)).mismatch(Facts()) == "for version 12; this is without a version"


@pytest.mark.parametrize(
    ("name", "same"), [("amd64", "x86_64"), ("arm64", "aarch64"), ("i386", "i686"), ("s390x", "s390x")]
)
def test_architectures_are_known_by_their_other_names(name: str, same: str) -> None:
    assert same_arch(name) == same
