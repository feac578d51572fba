from __future__ import annotations

from collections.abc import Iterator  # noqa: TC003  pydantic looks at methods' annotations
from typing import TYPE_CHECKING, ClassVar, Literal

import pytest

from imagekit.catalog import Catalog
from imagekit.diagnostics import Problem, SpecUnfit
from imagekit.guest.facts import Facts
from imagekit.secret import Secret, SecretText
from imagekit.spec import Entry, Spec, parse_spec
from imagekit.steps import can_run, diagnose, make_plan, resolve
from imagekit.transform import Phase, Transform

if TYPE_CHECKING:
    from imagekit.steps import Outline

CANARY = "canary-4711"
DEBIAN = Facts(distro="debian", family="debian", version="12", arch="x86_64", init="systemd")


class Note(Transform):
    main: ClassVar[str | None] = "text"
    kind: Literal["note"] = "note"
    text: SecretText = ""
    needs: str = ""

    def check(self, facts: Facts) -> Iterator[Problem]:
        if self.needs and facts.init != self.needs:
            yield Problem("needs", f"needs {self.needs}", why=f"this is {facts.init}", code="IK-FIT-042")
        if self.text == "raise":
            raise Problem("text", "raised")


class Grow(Transform):
    phase: ClassVar[Phase] = "opening"
    kind: Literal["grow"] = "grow"


class Script(Transform):
    opaque: ClassVar[bool] = True
    kind: Literal["script"] = "script"
    once: bool = False

    @property
    def volatile(self) -> bool:
        return not self.once


class Late(Transform):
    phase: ClassVar[Phase] = "closing"
    order: ClassVar[int] = 50
    kind: Literal["late"] = "late"


class Last(Transform):
    phase: ClassVar[Phase] = "closing"
    order: ClassVar[int] = 90
    kind: Literal["last"] = "last"


KINDS = Catalog({"note": Note, "grow": Grow, "script": Script, "late": Late, "last": Last})


def planned(text: str) -> Outline:
    return make_plan(parse_spec(text, catalog=KINDS))


def test_opening_runs_first_content_in_its_order_and_closing_by_its_own() -> None:
    outline = planned("transforms: [last, note: a, late, grow, script, note: b, late]")

    assert [step.id for step in outline.steps] == ["grow", "note", "script", "note-2", "late", "late-2", "last"]
    assert [step.position for step in outline.steps] == [1, 2, 3, 4, 5, 6, 7]
    assert [step.field for step in outline.steps[:2]] == ["transforms[3]", "transforms[1]"]


def test_ids_are_unique_and_the_authors_own_come_first() -> None:
    outline = planned("transforms: [note: a, {note: b, id: note}, note: c, {note: d, id: note-2}]")

    assert [step.id for step in outline.steps] == ["note-3", "note", "note-4", "note-2"]


def test_a_step_tells_what_its_transform_is() -> None:
    script, once, note = planned("transforms: [script, script: {once: true}, note: hello]").steps

    assert (script.opaque, script.volatile, once.volatile) == (True, True, False)
    assert (note.title, note.kind, note.phase, str(note.place)) == ("note hello", "note", "content", "spec.yaml:1:44")
    assert note.transform == Note(text="hello")


def test_a_title_is_one_short_line() -> None:
    (step,) = make_plan(Spec(transforms=[Note(text="one\n  two " + "x" * 500)])).steps

    assert step.title.startswith("note one two xxx")
    assert len(step.title) == 100


def test_a_plan_is_made_of_a_spec_made_in_python() -> None:
    outline = make_plan(Spec(name="web", transforms=[Late(), Entry(transform=Note(), id="n")]))

    assert outline.name == "web"
    assert [(step.id, step.field, step.place) for step in outline.steps] == [
        ("n", "transforms[1]", None),
        ("late", "transforms[0]", None),
    ]


def test_a_step_made_from_a_secret_says_so_and_serialises_nothing_of_it() -> None:
    outline = make_plan(Spec(transforms=[Note(text=Secret(CANARY, "db")), Note(text="open")]))

    assert [step.secret for step in outline.steps] == [True, False]
    assert CANARY not in outline.model_dump_json() + repr(outline)


def test_a_saved_plan_holds_no_line_of_the_spec() -> None:
    outline = planned(f"transforms: [note: {CANARY}]").model_dump(mode="json")

    assert outline["steps"][0]["place"] == {"file": "spec.yaml", "line": 1, "column": 14}


def test_a_step_that_is_not_for_this_guest_is_skipped_with_the_reason() -> None:
    outline = planned("transforms: [{note: a, when: {family: rhel}}, note: b]")
    resolved = resolve(outline, DEBIAN, "x86_64")

    assert [step.skipped for step in resolved.steps] == ["for family rhel; this is debian", ""]
    assert [step.id for step in resolved.running] == ["note-2"]


def test_a_skipped_step_is_not_checked() -> None:
    text = "transforms: [{note: {needs: openrc}, when: {init: openrc}}, {script: , when: {arch: aarch64}}]"

    assert resolve(planned(text), DEBIAN, "x86_64").running == ()


def test_facts_are_filled_in_and_what_they_make_is_described() -> None:
    outline = planned("transforms: [note: 'on ${{ facts.distro }} ${{ facts.version }}']")
    with pytest.raises(TypeError, match="before the plan is resolved"):
        _ = outline.steps[0].transform
    (step,) = resolve(outline, DEBIAN, "x86_64").steps

    assert step.transform == Note(text="on debian 12")
    assert step.title == "note on debian 12"


def test_every_problem_of_every_step_comes_at_once_at_its_place() -> None:
    text = (
        "transforms:\n"
        "  - note: {needs: openrc}\n"
        "  - note: raise\n"
        "  - script: {once: '${{ facts.distro }}'}\n"
        "  - note:\n"
        "      text: a\n"
        "      needs: sysvinit\n"
    )
    with pytest.raises(SpecUnfit) as caught:
        resolve(planned(text), DEBIAN, "x86_64")

    assert [(str(each.place), each.field, each.code) for each in caught.value.diagnostics] == [
        ("spec.yaml:2:19", "transforms[0].needs", "IK-FIT-042"),
        ("spec.yaml:3:11", "transforms[1].text", "IK-FIT-001"),
        ("spec.yaml:4:20", "transforms[2].once", "IK-SPEC-014"),
        ("spec.yaml:7:14", "transforms[3].needs", "IK-FIT-042"),
    ]


def test_a_late_problem_is_drawn_on_the_line_of_its_field() -> None:
    (step,) = planned("transforms:\n  - note: hello\n").steps
    found = diagnose(step, Problem("text", "is rude", why="w", fix="f", code="IK-NOTE-001"))

    assert found.render() == (
        "spec.yaml:2:11  error IK-NOTE-001  transforms[0].text: is rude\n"
        "    2 |   - note: hello\n"
        "      |           ^^^^^\n"
        "  why:  w\n"
        "  fix:  f"
    )


def test_a_problem_of_the_whole_is_drawn_at_the_kind() -> None:
    (step,) = planned("transforms:\n  - note: hello\n").steps
    found = diagnose(step, Problem("", "does not fit"))

    assert (found.field, str(found.place)) == ("transforms[0]", "spec.yaml:2:5")


def test_a_problem_of_a_spec_made_in_python_has_no_place() -> None:
    (step,) = make_plan(Spec(transforms=[Note()])).steps

    assert diagnose(step, Problem("text", "is rude")).place is None


def test_programs_of_a_foreign_guest_are_refused_and_files_are_not() -> None:
    foreign = DEBIAN.model_copy(update={"arch": "aarch64"})
    outline = planned("transforms: [note: a, script]")
    with pytest.raises(SpecUnfit) as caught:
        resolve(outline, foreign, "x86_64")

    assert [(each.code, each.field) for each in caught.value.diagnostics] == [("IK-FIT-002", "transforms[1]")]


@pytest.mark.parametrize(
    ("guest", "host", "runs"),
    [
        ("x86_64", "x86_64", True),
        ("i686", "x86_64", True),
        ("i386", "amd64", True),
        ("x86_64", "i686", False),
        ("aarch64", "x86_64", False),
        ("armv7l", "aarch64", False),
        ("arm64", "aarch64", True),
        ("unknown", "x86_64", True),
    ],
)
def test_a_host_runs_its_own_programs_and_those_of_its_forebear(guest: str, host: str, runs: bool) -> None:
    assert can_run(guest, host) is runs


def test_to_resolve_leaves_the_plan_as_it_was() -> None:
    outline = planned("transforms: [{note: a, when: {family: rhel}}]")
    resolve(outline, DEBIAN, "x86_64")

    assert outline.steps[0].skipped == ""


class Aware(Transform):
    kind: Literal["aware"] = "aware"
    others: tuple[str, ...] = ()

    def beside(self, kinds: object) -> Transform:
        return self.model_copy(update={"others": tuple(sorted(kinds))})


def test_a_step_learns_which_kinds_run_beside_it_on_this_guest_and_no_others() -> None:
    catalog = Catalog({"aware": Aware, "note": Note, "grow": Grow})
    spec = parse_spec("transforms: [aware, note: a, {grow: {}, when: {family: rhel}}]", "spec.yaml", catalog=catalog)
    steps = resolve(make_plan(spec), DEBIAN, "x86_64").steps

    assert {step.kind: step.transform for step in steps}["aware"].others == ("aware", "note")
