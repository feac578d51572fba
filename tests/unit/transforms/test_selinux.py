from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.transforms.selinux import Selinux

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

CONFIG = "/etc/selinux/config"
GENERATOR = "/usr/lib/systemd/system-generators/selinux-autorelabel-generator.sh"


def test_the_mode_changes_and_all_other_lines_stay(rocky: MemoryGuest) -> None:
    before = rocky.read_file(CONFIG).decode()

    Selinux(mode="permissive").apply(rocky)

    assert rocky.read_file(CONFIG).decode() == before.replace("SELINUX=enforcing", "SELINUX=permissive")
    assert rocky.commands == []


def test_a_guest_relabels_itself_if_asked(fedora: MemoryGuest) -> None:
    fedora.add(GENERATOR, "")
    before = fedora.read_file(CONFIG)

    Selinux(relabel="at-boot").apply(fedora)

    assert fedora.exists("/.autorelabel")
    assert fedora.read_file(CONFIG) == before


def test_a_guest_does_not_relabel_itself_unless_asked(fedora: MemoryGuest) -> None:
    Selinux(mode="enforcing").apply(fedora)

    assert not fedora.exists("/.autorelabel")


@pytest.mark.parametrize("mode", ["enforcing", "permissive"])
def test_a_guest_that_had_it_disabled_has_to_be_labelled_whole(rocky: MemoryGuest, mode: str) -> None:
    rocky.add(GENERATOR, "")
    rocky.write(CONFIG, "SELINUX=disabled\nSELINUXTYPE=targeted\n")

    with pytest.raises(Problem, match="may have no labels") as caught:
        Selinux.model_validate({"mode": mode}).apply(rocky)
    Selinux.model_validate({"mode": mode, "relabel": "at-boot"}).apply(rocky)

    assert (caught.value.field, caught.value.code) == ("mode", "IK-SEL-003")
    assert rocky.read_file(CONFIG) == f"SELINUX={mode}\nSELINUXTYPE=targeted\n".encode()
    assert rocky.exists("/.autorelabel")


@pytest.mark.parametrize("name", ["debian", "debian13", "ubuntu", "opensuse", "arch", "alpine"])
def test_a_guest_without_selinux_is_told(request: pytest.FixtureRequest, name: str) -> None:
    guest = request.getfixturevalue(name)

    with pytest.raises(Problem, match="no SELinux") as caught:
        Selinux(mode="disabled").apply(guest)

    assert (caught.value.field, caught.value.code) == ("mode", "IK-SEL-001")


@pytest.mark.parametrize("name", ["fedora", "rocky"])
def test_applying_twice_changes_nothing(request: pytest.FixtureRequest, snapshot, name: str) -> None:
    guest = request.getfixturevalue(name)
    guest.add(GENERATOR, "")
    step = Selinux(mode="permissive", relabel="at-boot")
    step.apply(guest)
    first = snapshot(guest)

    step.apply(guest)

    assert snapshot(guest) == first


@pytest.mark.parametrize(
    "wrong", [{}, {"relabel": "changed"}, {"mode": "off"}, {"mode": "disabled", "relabel": "at-boot"}]
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Selinux.model_validate(wrong)


@pytest.mark.parametrize(
    ("fields", "title"),
    [({"mode": "enforcing"}, "selinux enforcing"), ({"relabel": "at-boot"}, "selinux relabel at boot")],
)
def test_the_title_says_what_is_asked_for(fields: dict[str, str], title: str) -> None:
    assert Selinux.model_validate(fields).title() == title
