from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.guest.facts import Facts
from imagekit.system import presets
from imagekit.testing.memory import File, Link
from imagekit.transforms.services import Services

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

ETC = "/etc/systemd/system"
UNIT = "[Unit]\n[Install]\nWantedBy=multi-user.target\n"


def with_nginx(guest: MemoryGuest) -> MemoryGuest:
    """Have nginx in a guest as its distribution's package would bring it."""
    if guest.facts.init == "systemd":
        guest.add("/usr/lib/systemd/system/nginx.service", UNIT)
    else:
        guest.add("/etc/init.d/nginx", File("#!/sbin/openrc-run\n", mode=0o755))
    return guest


def enabled(guest: MemoryGuest) -> bool:
    return guest.exists(f"{ETC}/multi-user.target.wants/nginx.service") or guest.exists("/etc/runlevels/default/nginx")


@pytest.mark.parametrize("name", ["debian", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"])
def test_a_service_is_enabled_on_every_family_without_a_program(request, name: str) -> None:
    guest = with_nginx(request.getfixturevalue(name))

    Services(enable=("nginx",)).apply(guest)

    assert enabled(guest)
    assert guest.commands == []


@pytest.mark.parametrize("name", ["debian", "rocky", "alpine"])
def test_and_disabled_and_masked(request, name: str) -> None:
    guest = with_nginx(request.getfixturevalue(name))
    Services(enable=("nginx",)).apply(guest)

    Services(disable=("nginx",), mask=("nginx",)).apply(guest)

    assert not enabled(guest)
    with pytest.raises(Problem, match="masked"):
        Services(enable=("nginx",)).apply(guest)


@pytest.mark.parametrize("name", ["debian", "alpine"])
def test_applying_twice_changes_nothing(request, snapshot, name: str) -> None:
    guest = with_nginx(request.getfixturevalue(name))
    guest.add("/usr/lib/systemd/system/x.service", UNIT)
    guest.add("/etc/init.d/x", File("", mode=0o755))
    step = Services(enable=("nginx",), mask=("x",))
    step.apply(guest)
    first = snapshot(guest)

    step.apply(guest)

    assert snapshot(guest) == first


def test_names_may_differ_by_family_and_null_needs_none(ubuntu: MemoryGuest) -> None:
    with_nginx(ubuntu)

    Services(enable=({"debian": "nginx", "rhel": "httpd"}, {"ubuntu": None, "debian": "none"})).apply(ubuntu)

    assert enabled(ubuntu)


def test_a_service_that_is_not_there_is_a_problem_at_its_place(debian: MemoryGuest) -> None:
    with_nginx(debian)

    with pytest.raises(Problem) as caught:
        Services(enable=("nginx", "ngnix")).apply(debian)

    assert (caught.value.field, caught.value.code) == ("enable[1]", "IK-SVC-001")


def test_a_first_boot_that_is_due_does_not_undo_it(fedora: MemoryGuest) -> None:
    with_nginx(fedora)
    fedora.write("/etc/machine-id", "uninitialized\n")
    fedora.add(f"{ETC}/multi-user.target.wants/nginx.service", Link("/usr/lib/systemd/system/nginx.service"))

    Services(disable=("nginx",)).apply(fedora)

    assert b"disable nginx.service\n" in fedora.read_file(presets.PRESET)


def test_without_one_no_preset_is_written(debian: MemoryGuest) -> None:
    Services(enable=("nginx",)).apply(with_nginx(debian))

    assert not debian.exists(presets.PRESET)


def test_what_facts_alone_show_is_found_before_anything_is_done(alpine: MemoryGuest) -> None:
    problems = list(Services(enable=("a",), mask=({"debian": "b"},)).check(alpine.facts))

    assert [(problem.field, problem.code) for problem in problems] == [("mask[0]", "IK-SVC-006")]
    assert [problem.code for problem in Services(enable=("a",)).check(Facts())] == ["IK-SVC-005"]
    with pytest.raises(Problem, match="does not know"):
        Services(enable=("a",)).apply(type(alpine)(facts=Facts()))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"enable": ("a",), "disable": ("a",)},
        {"enable": ("a",), "mask": ("a",)},
        {"enable": ("../a",)},
        {"enable": ("-a",)},
        {"enable": ("a b",)},
        {"enable": ("",)},
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValidationError):
        Services(**fields)


@pytest.mark.parametrize("name", ["getty@ttyS0.service", "apt-daily.timer", "dbus-org.freedesktop.resolve1", "a\\x2db"])
def test_real_names_are_taken(name: str) -> None:
    assert Services(enable=(name,)).enable == (name,)


def test_the_title_names_one_and_counts_more() -> None:
    assert Services(enable=("a",), disable=("b", "c")).title() == "services enable a, disable 2"
