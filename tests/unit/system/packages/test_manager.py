from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.facts import Facts
from imagekit.system.packages import manager
from imagekit.system.packages.apk import Apk
from imagekit.system.packages.apt import Apt
from imagekit.system.packages.dnf import Dnf
from imagekit.system.packages.pacman import Pacman
from imagekit.system.packages.zypper import Zypper

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

EXPECTED = {
    "debian": Apt,
    "debian13": Apt,
    "ubuntu": Apt,
    "fedora": Dnf,
    "rocky": Dnf,
    "opensuse": Zypper,
    "arch": Pacman,
    "alpine": Apk,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_guest_gets_its_own_manager(request, name: str) -> None:
    guest: MemoryGuest = request.getfixturevalue(name)

    assert type(manager.manager_of(guest.facts)) is EXPECTED[name]


def test_every_manager_that_is_called_supported_is_there() -> None:
    assert all(manager.manager_of(Facts(package_manager=name)) for name in manager.SUPPORTED)
    assert manager.manager_of(Facts(package_manager="none")) is None


def test_a_spelling_with_its_version_may_stand_in_the_list_itself() -> None:
    assert manager.is_satisfied("a=1", {"a": "0:1-2", "a=1": "0:1-2"})


@pytest.mark.parametrize(
    ("name", "met"), [("a", True), ("a=1", True), ("a=2", False), ("b", True), ("b=1", False), ("c", False)]
)
def test_a_name_is_met_by_any_version_and_a_version_by_itself(name: str, met: bool) -> None:
    assert manager.is_satisfied(name, {"a": "1", "b": ""}) is met


def test_what_is_missing_is_named_once_and_in_order() -> None:
    assert manager.missing(("z", "a", "z", "y"), {"a": "1"}) == ("z", "y")


def test_nothing_runs_if_nothing_is_missing(debian: MemoryGuest) -> None:
    assert not manager.ensure_installed(debian, Apt(), ("base-files",))
    assert debian.commands == []
