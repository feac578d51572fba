"""One job of the page, folded away unless it failed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.farm.report.axes import value_text
from imagekit.farm.report.looks import tile
from imagekit.page import lines, listed, text
from imagekit.wording import many, seconds, size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imagekit.farm.job import Outcome
    from imagekit.farm.report.model import Details, Entry, Passage

_OPEN = ("failed", "interrupted")


def entry_lines(entry: Entry, *, opened: bool) -> Iterator[str]:
    """Yield a job: its summary, why it failed, its facts, steps, receipt and log."""
    yield f'<details class="job" id="j{entry.number}"{" open" * opened}>'
    yield f'<summary>{tile(entry.look)} <span class="id">{text(entry.job.id)}</span>{_beside(entry.outcome)}</summary>'
    if entry.outcome and entry.look in _OPEN:
        yield _failure(entry.outcome)
    yield _pairs(_facts(entry))
    if entry.details:
        yield from _details(entry.details, opened=opened)
    yield "</details>"


def _beside(outcome: Outcome | None) -> str:
    if outcome is None or outcome.reused:
        return ""
    code = f" <code>{text(outcome.code)}</code>" if outcome.code else ""
    return f' <span class="soft beside">{seconds(outcome.seconds)}{code}</span>'


def _failure(outcome: Outcome) -> str:
    head = f"<div><strong>{_said(outcome.message or 'it ended without a word')}</strong></div>"
    rest = (("why", outcome.why), ("fix", outcome.fix))
    told = (f"<div><b>{name}</b> {_said(plain)}</div>" for name, plain in rest if plain)
    return f'<div class="failure">{head}{"".join(told)}</div>'


def _said(plain: str) -> str:
    """What has lines, such as a spec's own with carets below, keeps them, each character as wide as the other."""
    return f"<pre>{lines(plain)}</pre>" if "\n" in plain.strip() else text(plain.strip())


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    """What went well is told in short where a farm is large: its image, spec and values are in the grid."""
    if entry.details or entry.state != "done":
        yield "image", _code(entry.image)
        yield "spec", _code(entry.spec)
        for name, value in entry.job.values.items():
            yield name, _code(value_text(value))
    yield "output", _code(entry.output)
    outcome = entry.outcome
    if outcome and not outcome.reused:
        host = f" on {text(outcome.host)}" if outcome.host else ""
        yield "started", f"{outcome.started:%Y-%m-%d %H:%M:%S} UTC{host}"
        yield "exit status", str(outcome.exit_status)
    if entry.attempt > 1:
        yield "attempts", str(entry.attempt)
    if outcome and outcome.sha256 and not (entry.details and entry.details.receipt):
        yield "sha256", f"{_code(outcome.sha256)}, {size(outcome.size)}"
    if entry.link:
        yield "receipt", f'<a href="{entry.link}">{text(f"{entry.job.output.name}.receipt.json")}</a>'


def _details(details: Details, *, opened: bool) -> Iterator[str]:
    if details.earlier:
        yield "<h3>Attempts before</h3>" + listed(map(_earlier, details.earlier))
    if details.passages:
        yield "<h3>What was done</h3>" + _passages(details.passages)
    if details.receipt:
        yield "<h3>Receipt</h3>" + _pairs((name, _code(value)) for name, value in details.receipt.rows)
        if details.receipt.remarks:
            yield listed(map(text, details.receipt.remarks))
    if details.tail:
        yield f"<details{' open' * opened}><summary>Log, {_last(details.tail)}</summary>"
        yield "<pre>" + "\n".join(map(text, details.tail)) + "</pre></details>"


def _last(tail: Sequence[str]) -> str:
    return f"the last {many(len(tail), 'line')}"


def _earlier(outcome: Outcome) -> str:
    return f"{tile(outcome.state)} after {seconds(outcome.seconds)}: <code>{text(outcome.code)}</code> {text(outcome.message)}"


def _passages(passages: Iterable[Passage]) -> str:
    """A table whose last column holds a bar as long as the passage took."""
    every = list(passages)
    longest = max((each.seconds or 0.0 for each in every), default=0.0) or 1.0
    names = ("what", ""), ("changes", ""), ("time", ' class="took"')
    head = "".join(f'<th scope="col"{given}>{name}</th>' for name, given in names)
    rows = "".join(_passage(each, longest) for each in every)
    return f'<table class="passages"><thead><tr>{head}<td class="scale"></td></tr></thead><tbody>{rows}</tbody></table>'


def _passage(passage: Passage, longest: float) -> str:
    name = f'<th scope="row">{text(passage.name)}</th>'
    if passage.seconds is None:
        return f'<tr class="cut-off">{name}<td colspan="3">did not finish</td></tr>'
    changes = "" if passage.changes is None else str(passage.changes)
    scale = f'<span style="width:{100 * passage.seconds / longest:.1f}%"></span>'
    return f'<tr>{name}<td>{changes}</td><td class="took">{seconds(passage.seconds)}</td><td class="scale">{scale}</td></tr>'


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return (
        '<dl class="facts">'
        + "".join(f"<div><dt>{text(name)}</dt><dd>{html}</dd></div>" for name, html in pairs)
        + "</dl>"
    )


def _code(plain: str) -> str:
    return f"<code>{text(plain)}</code>"
