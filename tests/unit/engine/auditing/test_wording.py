from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.auditing import wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.auditing.report import AuditReport, Finding


def test_the_verdict_is_one_sentence(report: Callable[..., AuditReport], finding: Callable[..., Finding]) -> None:
    assert wording.headline(report()) == "this image is fit to be cloned"
    assert wording.headline(report(finding())) == "this image is not fit to be cloned"
    assert wording.headline(report(use="instance")) == "nothing speaks against use as instances"


def test_an_image_that_was_not_looked_at_is_no_verdict(full: AuditReport) -> None:
    assert wording.headline(full) == "1 image of 2 could not be audited"


def test_findings_are_counted(full: AuditReport, report: Callable[..., AuditReport]) -> None:
    assert wording.counts(full).startswith("1 error, 1 warning, 12 notes, 1 waived, 2 not checked; ")
    assert wording.counts(report()).startswith("no findings; ")


def test_a_finding_without_a_path_is_about_the_whole(finding: Callable[..., Finding]) -> None:
    assert wording.place(finding(path="")) == "the image as a whole"


def test_what_an_identity_is_shared_with_is_said(finding: Callable[..., Finding]) -> None:
    said = wording.remark(finding(recognised="ab" * 16, shared_with=("b.qcow2",)))

    assert said == f"recognised by {'ab' * 16}; shared with b.qcow2"


def test_stale_waivers_say_why(full: AuditReport) -> None:
    expired, unused = map(wording.stale, full.stale_waivers)

    assert expired == "waivers.yaml:9: the waiver of logs has expired: it was until 2020-01-01"
    assert unused == "waivers.yaml:12: the waiver of tmp at /x covers no finding; remove it"


def test_what_was_not_checked_says_where_and_why(full: AuditReport) -> None:
    assert [wording.not_checked(each) for each in full.unchecked] == [
        "weak-password /etc/shadow: no libxcrypt",
        "everything: nothing in it was looked at",
    ]
