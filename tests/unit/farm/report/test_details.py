from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.farm.report.details import entry_lines
from imagekit.farm.report.model import Details, Passage, ReceiptFacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.farm.job import Outcome
    from imagekit.farm.report.model import Entry


def shown(entry: Entry, *, opened: bool = False) -> str:
    return "\n".join(entry_lines(entry, opened=opened))


def test_a_failure_says_what_why_and_what_to_do(entry: Callable[..., Entry], outcome: Callable[..., Outcome]) -> None:
    failed = outcome(
        state="failed", exit_status=2, code="IK-SPEC-001", message="2 problems", why="a.yaml:1:1\n  ^", fix="mend it"
    )

    text = shown(entry(3, state="failed", outcome=failed, attempt=3), opened=True)

    assert '<details class="job" id="j3" open>' in text
    assert "<strong>2 problems</strong>" in text
    assert "<b>why</b> <pre>a.yaml:1:1\n  ^</pre>" in text
    assert "<b>fix</b> mend it" in text
    assert "<code>IK-SPEC-001</code>" in text
    assert "<dt>exit status</dt><dd>2</dd>" in text
    assert "<dt>attempts</dt><dd>3</dd>" in text
    assert "<dt>started</dt><dd>2026-03-01 10:02:06 UTC on one</dd>" in text


def test_a_job_that_is_done_is_folded_and_leads_to_its_receipt(
    entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    text = shown(entry(outcome=outcome(sha256="ab" * 32, size=3 << 20), link="out/a%20b.json"))

    assert '<details class="job" id="j1">' in text
    assert '<a href="out/a%20b.json">debian-web.qcow2.receipt.json</a>' in text
    assert f"<code>{'ab' * 32}</code>, 3.0 MiB" in text
    assert "failure" not in text


def test_steps_have_their_time_and_changes_and_what_never_ended_says_so(entry: Callable[..., Entry]) -> None:
    passages = (Passage("start appliance", 8), Passage("hostname web", 2, 3), Passage("run x", None, 0))

    text = shown(entry(details=Details(passages=passages)))

    assert '<tr><th scope="row">hostname web</th><td>3</td><td class="took">2.0 s</td>' in text
    assert 'style="width:25.0%"' in text
    assert '<tr class="cut-off"><th scope="row">run x</th><td colspan="3">did not finish</td></tr>' in text


def test_the_log_is_open_where_the_job_is(entry: Callable[..., Entry]) -> None:
    job = entry(details=Details(tail=("10:00  a", "<b>")))

    assert "<details><summary>Log, the last 2 lines</summary>\n<pre>10:00  a\n&lt;b&gt;</pre></details>" in shown(job)
    assert "<details open><summary>Log" in shown(job, opened=True)


def test_earlier_attempts_and_the_receipt_are_told(
    entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    details = Details(
        earlier=(outcome(0, 5, state="failed", code="IK-HOST-002", message="no mirror"),),
        receipt=ReceiptFacts((("guest", "Debian"),), ("hostname: odd",)),
    )

    text = shown(entry(outcome=outcome(), details=details))

    assert "failed</span> after 5.0 s: <code>IK-HOST-002</code> no mirror" in text
    assert "<dt>guest</dt><dd><code>Debian</code></dd>" in text
    assert "<li>hostname: odd</li>" in text


def test_in_a_large_farm_what_went_well_is_told_in_short(entry: Callable[..., Entry]) -> None:
    assert "<dt>spec</dt>" not in shown(entry())
    assert "<dt>spec</dt>" in shown(entry(state="waiting"))
    assert "<dt>site</dt><dd><code>rome</code></dd>" in shown(entry(values={"site": "rome"}, details=Details()))
