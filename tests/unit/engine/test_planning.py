from __future__ import annotations

import contextlib
import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine import planning
from imagekit.engine.build import Built
from imagekit.engine.errors import PlanDiffers, PlanUnreadable, UnknownIdentity
from imagekit.engine.options import Options
from imagekit.engine.planning import PlanReport, expect, plan, read_plan
from imagekit.guest.changes import Change, FileState
from imagekit.guest.facts import Facts
from imagekit.receipt import StepRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imagekit.appliance.session import Settings
    from imagekit.engine.opened import Opened
    from imagekit.images.info import ImageInfo
    from imagekit.spec import Spec
    from imagekit.testing.memory import MemoryGuest

ID = "0123456789abcdef0123456789abcdef"
FILE = FileState(kind="file", mode=0o644, uid=0, gid=0, size=1, sha256="ab" * 32)


def change(path: str = "/x", after: FileState | None = FILE, **fields: Any) -> Change:
    return Change(path=path, action="created" if after else "removed", after=after, **fields)


def step(*changes: Change, **fields: Any) -> StepRecord:
    known = {"id": "a", "position": 1, "kind": "put", "title": "put", "phase": "content", "changes": changes}
    return StepRecord.model_validate(known | fields)


def report(*steps: StepRecord) -> PlanReport:
    return PlanReport(base="base.qcow2", guest=Facts(), steps=steps)


def done(*steps: StepRecord, machine_ids: frozenset[str] = frozenset()) -> Built:
    return Built(Facts(), steps, (), machine_ids)


# What a plan says of itself.
@pytest.mark.parametrize(
    ("steps", "changes", "empty"),
    [
        ((), 0, True),
        ((step(),), 0, True),
        ((step(change()),), 1, False),
        ((step(change(), volatile=True),), 1, True),
        ((step(change(), volatile=True), step(change("/a"), change("/b"), id="b")), 3, False),
    ],
)
def test_a_plan_is_empty_if_nothing_but_volatile_steps_changed_something(
    steps: tuple[StepRecord, ...], changes: int, *, empty: bool
) -> None:
    assert (report(*steps).changes, report(*steps).empty) == (changes, empty)


# A saved plan.
def test_a_plan_reads_back_as_it_was_saved(tmp_path: Path) -> None:
    saved = report(step(change(), secret=True), step(id="b", position=2, skipped="why"))
    (tmp_path / "plan.json").write_text(saved.model_dump_json(), encoding="utf-8")

    assert read_plan(tmp_path / "plan.json") == saved


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b"\xff", b'{"version": 2}', b"[]"])
def test_what_is_no_plan_is_refused_as_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plan.json").write_bytes(content)

    with pytest.raises(PlanUnreadable, match="it is not a plan of this version") as unreadable:
        read_plan(tmp_path / "plan.json")
    assert unreadable.value.exit_status == 2


def test_a_plan_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(PlanUnreadable, match="No such file or directory"):
        read_plan(tmp_path / "none.json")


# A build held to a plan.
@pytest.mark.parametrize(
    "steps",
    [
        (),
        (step(change()),),
        (step(change(diff="+a\n"), seconds=7.5),),
        (step(change(), change("/y")), step(change(), id="b")),
        (step(change(after=None)),),
    ],
)
def test_a_build_that_did_what_was_planned_is_let_pass(steps: tuple[StepRecord, ...]) -> None:
    plain = tuple(
        each.model_copy(
            update={"seconds": 0.5, "changes": tuple(c.model_copy(update={"diff": None}) for c in each.changes)}
        )
        for each in steps
    )

    assert expect(report(*steps), done(*plain)) is None


@pytest.mark.parametrize(
    "other",
    [
        step(),
        step(change(), change("/more")),
        step(change("/elsewhere")),
        step(change(after=None)),
        step(change(after=FILE.model_copy(update={"sha256": "cd" * 32}))),
        step(change(after=FILE.model_copy(update={"mode": 0o600}))),
        step(change(after=FILE.model_copy(update={"uid": 1}))),
        step(change(after=FILE.model_copy(update={"gid": 1}))),
        step(change(after=FileState(kind="symlink", mode=0o777, uid=0, gid=0, target="/y"))),
        step(change(), id="b"),
    ],
)
def test_a_build_that_did_something_else_is_refused_and_told_where(other: StepRecord) -> None:
    with pytest.raises(PlanDiffers) as differs:
        expect(report(step(change())), done(other))

    assert differs.value.exit_status == 5
    assert any("/" in difference for difference in differs.value.differences)


@pytest.mark.parametrize("kind", ["volatile", "opaque"])
def test_what_cannot_be_foreseen_is_not_compared(kind: str) -> None:
    planned = step(change(), **{kind: True})

    assert expect(report(planned), done(step(**{kind: True}))) is None


def test_differences_are_named_in_order_and_not_all_of_many() -> None:
    many = step(*(change(f"/{number}") for number in range(9)))

    with pytest.raises(PlanDiffers) as differs:
        expect(report(), done(many))
    assert differs.value.differences == tuple(f"a /{number}" for number in range(9))
    assert differs.value.message.endswith("a /0; a /1; a /2; a /3; a /4")


def test_a_path_with_a_machine_id_in_it_is_the_same_path_in_every_build() -> None:
    planned = report(step(change("/boot/loader/entries/{machine-id}-6.1.conf")))
    built = done(step(change(f"/boot/loader/entries/{ID}-6.1.conf")), machine_ids=frozenset({ID}))

    assert expect(planned, built) is None


# The whole of it.
@pytest.fixture
def planned(
    base: ImageInfo,
    blank: MemoryGuest,
    opened_guest: Callable[[MemoryGuest], Opened],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., PlanReport]:
    """Plan a spec for a guest without identities; return the report."""
    networks: list[bool] = []

    @contextlib.contextmanager
    def checked(*args: Any) -> Iterator[ImageInfo]:
        yield base

    @contextlib.contextmanager
    def opened(info: Any, workspace: Any, settings: Settings, *args: Any) -> Iterator[Opened]:
        networks.append(settings.network)
        yield dataclasses.replace(opened_guest(blank))

    monkeypatch.setattr(planning, "checked", checked)
    monkeypatch.setattr(planning, "opened", opened)
    monkeypatch.setattr(planning.Workspace, "scratch", contextlib.nullcontext)
    monkeypatch.setattr("imagekit.engine.apply.snapshot.take", lambda _: {})

    def run(spec: Spec, **options: Any) -> PlanReport:
        return plan(base.path, spec, **options)

    run.networks = networks
    return run


def test_a_plan_tells_every_step_with_its_diffs(planned: Any, parse: Callable[..., Spec], blank: MemoryGuest) -> None:
    text = "name: web\ntransforms: [machine-id, {put: {path: /etc/motd, text: hello}}]"
    found = planned(parse(text))

    assert (found.base, found.name, found.guest) == ("base.qcow2", "web", blank.facts)
    assert [record.kind for record in found.steps] == ["put", "machine-id"]
    assert "+hello" in (found.steps[0].changes[0].diff or "")
    assert not found.empty


def test_a_plan_with_a_step_that_was_not_looked_at_is_not_empty() -> None:
    seen = StepRecord(id="a", position=1, kind="run", title="run", phase="content", opaque=True)

    assert report(seen).empty
    assert not report(seen.model_copy(update={"unseen": True})).empty


def test_programs_run_and_are_traced_unless_the_plan_is_static(
    planned: Any, parse: Callable[..., Spec], blank: MemoryGuest
) -> None:
    blank.answer(lambda argv, env: 0)
    spec = parse("transforms: [{command: id}]")
    (static,) = planned(spec, static=True).steps
    ran = len(blank.commands)
    (traced,) = planned(spec).steps

    assert (bool(static.skipped), ran, traced.traced, len(blank.commands)) == (True, 0, True, 1)


def test_no_machine_id_and_no_secret_is_in_a_plan(
    planned: Any,
    parse: Callable[..., Spec],
    brings: Callable[[str, str], None],
    blank: MemoryGuest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CANARY", "canary-4711")
    blank.write("/etc/machine-id", f"{ID}\n")
    text = f"""
    secrets: {{word: {{env: CANARY}}}}
    transforms:
      - put: {{path: /etc/secret, text: {{secret: word}}}}
      - put: {{path: /etc/copy-of-id, text: {ID}}}
      - put: {{path: /var/log/{ID}}}
      - machine-id: {"f" * 32}
    """
    found = planned(parse(text))

    shown = found.model_dump_json() + repr(found)
    assert not [word for word in (ID, "f" * 32, "canary-4711") if word in shown]
    assert [record.changes[0].path for record in found.steps][2] == "/var/log/{machine-id}"


@pytest.mark.parametrize(
    ("text", "options", "network"),
    [
        ("transforms: [{command: {network: true}}]", {}, True),
        ("transforms: [{command: {network: true}}]", {"static": True}, False),
        ("transforms: [{command: {network: true}}]", {"options": Options(network=False)}, False),
        ("transforms: [command]", {}, False),
    ],
)
def test_the_appliance_has_a_card_only_if_a_step_may_use_it(
    planned: Any, parse: Callable[..., Spec], blank: MemoryGuest, text: str, options: dict[str, Any], *, network: bool
) -> None:
    blank.answer(lambda argv, env: 0)
    planned(parse(text), **options)

    assert planned.networks == [network]


def test_an_identity_that_is_none_is_refused_before_anything_is_opened(
    planned: Any, parse: Callable[..., Spec]
) -> None:
    with pytest.raises(UnknownIdentity):
        planned(parse("keep_identity: [machineid]\ntransforms: []"))

    assert planned.networks == []


def test_a_plan_is_one_document_of_json(planned: Any, parse: Callable[..., Spec]) -> None:
    found = planned(parse("transforms: [{put: {path: /etc/motd, text: hello}}]"))

    assert PlanReport.model_validate_json(found.model_dump_json()) == found
    assert json.loads(found.model_dump_json())["version"] == 1
