from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.layout import Layout, Mount
from imagekit.diagnostics import SpecUnfit
from imagekit.engine.build import Built, Mode, build, wants_network
from imagekit.engine.errors import BootFull, ResultBroken
from imagekit.events import Event, StageFinished, StageStarted
from imagekit.steps import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.opened import Opened
    from imagekit.spec import Spec
    from imagekit.testing.memory import MemoryGuest

    Build = Callable[..., Built]

ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def opened(opened_guest: Callable[[MemoryGuest], Opened], blank: MemoryGuest) -> Opened:
    return opened_guest(blank)


@pytest.fixture
def built(opened: Opened, parse: Callable[..., Spec], events: list[Event]) -> Build:
    """Build a spec in the open guest, or in one that is given."""

    def run(text: str, mode: Mode = Mode(), keep: tuple[str, ...] = (), image: Opened | None = None) -> Built:  # noqa: B008  frozen
        return build(image or opened, make_plan(parse(text)), keep, mode, events.append)

    return run


# What comes out.
def test_a_build_returns_facts_steps_and_identities(built: Build, blank: MemoryGuest) -> None:
    done = built("transforms: [{put: {path: /etc/motd, text: hello}}]")

    assert done.facts == blank.facts
    assert [step.kind for step in done.steps] == ["put"]
    assert {record.id: record.state for record in done.identities}["machine-id"] == "blank"
    assert done.machine_ids == frozenset()


def test_the_stages_around_the_steps_are_told(built: Build, events: list[Event]) -> None:
    built("transforms: [{put: {path: /etc/motd, text: hello}}]")

    assert [event.stage for event in events if isinstance(event, StageStarted | StageFinished)] == [
        *("check steps", "check steps", "check result", "check result"),
    ]


def test_the_machine_ids_of_before_and_after_are_both_known(built: Build, blank: MemoryGuest) -> None:
    blank.write("/etc/machine-id", f"{ID}\n")
    done = built(f"transforms: [{{machine-id: {'f' * 32}}}]")

    assert done.machine_ids == {ID, "f" * 32}
    assert {record.id: record.state for record in done.identities}["machine-id"] == "present"


def test_no_machine_id_is_in_the_record_of_a_step(built: Build, blank: MemoryGuest) -> None:
    blank.write("/etc/machine-id", f"{ID}\n")
    done = built(f"transforms: [{{machine-id: {'f' * 32}}}]", Mode(diffs=True))

    assert not any(word in step.model_dump_json() for word in (ID, "f" * 32) for step in done.steps)


def test_texts_are_compared_only_if_that_is_asked_for(built: Build) -> None:
    with_diff = built("transforms: [{put: {path: /etc/motd, text: hello}}]", Mode(diffs=True)).steps[0].changes[0]
    without = built("transforms: [{put: {path: /etc/motd, text: other}}]").steps[0].changes[0]

    assert with_diff.diff
    assert "+hello" in with_diff.diff
    assert without.diff is None


def test_what_the_spec_keeps_is_handed_down(built: Build, brings: Callable[[str, str], None]) -> None:
    brings("/etc/machine-id", f"{ID}\n")

    assert [step.kind for step in built("transforms: [command]", keep=("machine-id",)).steps] == ["command"]


# All steps are checked before any is applied.
def test_a_spec_that_does_not_fit_changes_nothing(built: Build, blank: MemoryGuest) -> None:
    text = "transforms: [{put: {path: /x}}, {machine-id: absent}, {machine-id: absent}]"

    with pytest.raises(SpecUnfit) as unfit:
        built(text)
    assert [diagnostic.code for diagnostic in unfit.value.diagnostics] == ["IK-MID-002", "IK-MID-002"]
    assert not blank.exists("/x")


# The result is checked.
def remove(guest: MemoryGuest, *paths: str) -> None:
    def run(argv: Any, env: Any) -> int:
        for path in paths:
            guest.rm_rf(path)
        return 0

    guest.answer(run)


def test_a_guest_that_would_not_start_as_it_did_is_broken(built: Build, blank: MemoryGuest) -> None:
    version = blank.facts.kernels[-1]
    remove(blank, f"/boot/initrd.img-{version}")

    with pytest.raises(ResultBroken) as broken:
        built("transforms: [command]")
    assert broken.value.complaints == (f"kernel {version} has no initramfs in /boot",)
    assert broken.value.exit_status == 7


def test_what_was_wrong_in_the_base_is_not_the_builds_fault(built: Build, blank: MemoryGuest) -> None:
    version = blank.facts.kernels[-1]
    blank.rm_f(f"/boot/initrd.img-{version}")
    blank.answer(lambda argv, env: 0)

    assert built("transforms: [command]").steps


def test_a_guest_that_lost_its_kernels_is_broken(built: Build, blank: MemoryGuest) -> None:
    remove(blank, "/lib/modules")

    with pytest.raises(ResultBroken, match="no kernel is left"):
        built("transforms: [command]")


def test_a_guest_that_lost_its_boot_entries_is_broken(built: Build, blank: MemoryGuest) -> None:
    remove(blank, "/boot/grub/grub.cfg")

    with pytest.raises(ResultBroken, match="no boot entries are left"):
        built("transforms: [command]")


def test_a_guest_that_never_had_a_kernel_needs_none(
    built: Build, opened_guest: Callable[[MemoryGuest], Opened], alpine: MemoryGuest
) -> None:
    for path in ("/boot", "/lib/modules"):
        alpine.rm_rf(path)
    alpine.write("/etc/machine-id", "")

    assert built("transforms: [{put: {path: /x}}]", image=opened_guest(alpine)).facts.kernels == ()


# Room in /boot.
def with_boot(opened: Opened) -> Opened:
    boot = Mount("/dev/sda2", "/dev/sda2", "ext4", "/boot")
    return dataclasses.replace(opened, layout=Layout("/dev/sda1", (*opened.layout.mounts, boot), ()))


@pytest.mark.parametrize(("blocks", "full"), [(15, True), (16, False)])
def test_a_boot_file_system_without_room_is_told(built: Build, opened: Opened, *, blocks: int, full: bool) -> None:
    opened.session.answers["statvfs"] = {"bavail": blocks, "bsize": 4096}
    text = "transforms: [{put: {path: /x}}]"

    if full:
        with pytest.raises(BootFull, match="60 KiB"):
            built(text, image=with_boot(opened))
    else:
        assert built(text, image=with_boot(opened)).steps


def test_a_boot_folder_on_the_root_is_not_measured(built: Build, opened: Opened) -> None:
    built("transforms: [{put: {path: /x}}]")

    assert "statvfs" not in [call[0] for call in opened.session.calls]


# The network.
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("transforms: []", False),
        ("transforms: [{put: {path: /x}}]", False),
        ("transforms: [command]", False),
        ("transforms: [{put: {path: /x}}, {command: {network: true}}]", True),
        ("transforms: [{command: {word: '${{ facts.distro }}'}}]", True),
    ],
)
def test_a_card_is_wanted_where_a_step_may_need_one(parse: Callable[..., Spec], text: str, *, wanted: bool) -> None:
    assert wants_network(make_plan(parse(text))) is wanted
