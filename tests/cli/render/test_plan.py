from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest.changes import Change, FileState
from imagekit_cli.render.plan import plan_lines

if TYPE_CHECKING:
    from imagekit.engine.planning import PlanReport


def texts(report: PlanReport, *, diffs: bool = False) -> list[str]:
    return [line.text for line in plan_lines(report, diffs=diffs)]


def test_every_step_has_its_changes_file_by_file(plan_report: PlanReport) -> None:
    assert texts(plan_report) == [
        "base.qcow2 by web: Debian GNU/Linux 12 (bookworm)",
        "",
        "step 1  write-files 4 files",
        "  + /etc/new  mode 0600  owner 33:33",
        "  + /etc/link  -> ../new",
        "  ~ /etc/mode  mode 0644 becomes 0640  owner 0:0 becomes 0:4",
        "  - /etc/gone",
        "",
        "step 2  run true  (~ every run may change something, runs guest programs)",
        "  nothing would change",
        "",
        "step 3  packages",
        "  skipped: it is for rhel",
        "",
        "2 to create, 1 to change, 1 to remove in 3 steps, 1 of them skipped; 1 step marked ~ may change something at every run",
    ]


def test_diffs_stand_below_their_path(plan_report: PlanReport) -> None:
    lines = list(plan_lines(plan_report, diffs=True))

    start = next(index for index, line in enumerate(lines) if "/etc/new" in line.text)
    assert [(line.text, line.style) for line in lines[start : start + 3]] == [
        ("  + /etc/new  mode 0600  owner 33:33", "good"),
        ("      +++ b/etc/new", "dim"),
        ("      +hello", "good"),
    ]


def test_an_empty_plan_says_that_nothing_would_change(plan_report: PlanReport) -> None:
    empty = plan_report.model_copy(update={"steps": plan_report.steps[2:]})

    assert texts(empty)[-1] == "nothing would change in 1 step, 1 of them skipped"


def test_a_path_that_becomes_another_thing_says_so(plan_report: PlanReport) -> None:
    file = FileState(kind="file", mode=0o644, uid=0, gid=0)
    link = FileState(kind="symlink", mode=0o777, uid=0, gid=0, target="/x")
    change = Change(path="/a", action="changed", before=file, after=link, attributes=("security.selinux",))
    step = plan_report.steps[0].model_copy(update={"changes": (change,)})

    assert "  ~ /a  -> /x  file becomes symlink  attributes security.selinux" in texts(
        plan_report.model_copy(update={"steps": (step,)})
    )


def test_marks_tell_of_secrets_and_of_what_imagekit_added(plan_report: PlanReport) -> None:
    step = plan_report.steps[0].model_copy(update={"secret": True, "automatic": True})

    assert "step 1  write-files 4 files  (made from a secret, added by imagekit)" in texts(
        plan_report.model_copy(update={"steps": (step,)})
    )


def test_what_the_author_should_know_stands_below_its_step(plan_report: PlanReport) -> None:
    step = plan_report.steps[0].model_copy(update={"remarks": ("mind the seed",), "changes": ()})

    lines = texts(plan_report.model_copy(update={"steps": (step,)}))

    assert lines[2:5] == ["step 1  write-files 4 files", "  nothing would change", "  note: mind the seed"]
