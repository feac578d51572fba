"""A farm as one HTML page that needs nothing else. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.farm.report.bars import bar_lines
from imagekit.farm.report.details import entry_lines
from imagekit.farm.report.grid import grid_lines
from imagekit.farm.report.looks import APPEARANCES
from imagekit.farm.report.style import STYLE
from imagekit.page import page, text
from imagekit.wording import many, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.farm.report.model import Entry, FarmPage

_MOST_OPEN = 10
"""Causes of failure of which one job stands open; all other jobs are folded."""
_MOST_CAUSES = 100
_MOST_NAMED = 8
"""Jobs that are named beside a cause of failure."""


def render_report(farm: FarmPage) -> str:
    """Return the page. Whatever came out of a guest, a log or a spec is only shown: the page forbids all else."""
    return page(f"imagekit batch: {farm.name}: {headline(farm)}", STYLE, _body(farm))


def headline(farm: FarmPage) -> str:
    """Return how the farm stands, in one sentence."""
    done, every = len(farm.having("done", "reused")), len(farm.entries)
    if done == every:
        return f"all {every} jobs are done" if every > 1 else "the job is done" if every else "there are no jobs"
    failed = len(farm.having("failed"))
    rest = every - done - failed
    told = [f"{failed} failed"] if failed else []
    told += [f"{rest} did not come to an end"] if rest else []
    return f"{done} of {many(every, 'job')} done, {' and '.join(told)}"


def _body(farm: FarmPage) -> Iterator[str]:
    yield "<header>"
    yield f'<h1>Farm {text(farm.name)}</h1>\n<p class="soft">{_beside(farm)}</p>'
    bad = len(farm.having("done", "reused")) < len(farm.entries)
    yield f'<div class="verdict{" bad" * bad}"><strong>{text(headline(farm))}</strong>{_counts(farm)}</div>\n</header>'
    yield from _failures(farm)
    if farm.entries:
        yield '<section>\n<h2 id="results">Results</h2>'
        yield from grid_lines(farm)
        yield '</section>\n<section>\n<h2 id="time">Time</h2>'
        yield from bar_lines(farm)
        yield '</section>\n<section>\n<h2 id="jobs">Jobs</h2>'
        opened = {entries[0].number for _, _, entries in _causes(farm)[:_MOST_OPEN]}
        for entry in _ordered(farm):
            yield from entry_lines(entry, opened=entry.number in opened)
        yield "</section>"
    yield f'<footer class="soft">imagekit {text(farm.version)}</footer>'


def _beside(farm: FarmPage) -> str:
    parts = [f"<code>{text(farm.farm)}</code>"] if farm.farm else []
    parts += [f"{farm.started:%Y-%m-%d %H:%M:%S} UTC", f"took {seconds(farm.seconds)}"]
    hosts = farm.hosts
    parts += [f"on {text(', '.join(hosts))}" if len(hosts) <= 4 else f"on {len(hosts)} machines"] if hosts else []
    return " · ".join([*parts, f"imagekit {text(farm.version)}"])


def _counts(farm: FarmPage) -> str:
    """Tiles with the numbers, and a band in which each takes its share; the tiles say all that the band shows."""
    found = [(look, len(farm.having(look))) for look in APPEARANCES if farm.having(look)]
    tiles = "".join(
        f'<li class="tile {look}">{APPEARANCES[look].sign} {count} {APPEARANCES[look].word}</li>'
        for look, count in found
    )
    band = "".join(f'<span class="{look}" style="flex:{count}"></span>' for look, count in found)
    return f'<ul class="counts">{tiles}</ul><div class="share" aria-hidden="true">{band}</div>' if found else ""


def _causes(farm: FarmPage) -> tuple[tuple[str, str, tuple[Entry, ...]], ...]:
    """Return (code, message, jobs), the commonest first: jobs that failed for the same reason in the same words."""
    causes: dict[tuple[str, str], list[Entry]] = {}
    for entry in farm.having("failed"):
        outcome = entry.outcome
        causes.setdefault((outcome.code, outcome.message) if outcome else ("", ""), []).append(entry)
    found = ((code, message, tuple(entries)) for (code, message), entries in causes.items())
    return tuple(sorted(found, key=lambda cause: -len(cause[2])))


def _failures(farm: FarmPage) -> Iterator[str]:
    """Yield what went wrong, by cause."""
    causes = _causes(farm)
    if not causes:
        return
    yield '<section>\n<h2 id="failures">What failed</h2>\n<table class="causes"><thead><tr>'
    yield '<th scope="col">code</th><th scope="col">what happened</th><th scope="col">jobs</th></tr></thead><tbody>'
    for code, message, entries in causes[:_MOST_CAUSES]:
        named = ", ".join(f'<a href="#j{entry.number}">{text(entry.job.id)}</a>' for entry in entries[:_MOST_NAMED])
        more = f" and {len(entries) - _MOST_NAMED} more" if entries[_MOST_NAMED:] else ""
        yield f"<tr><td><code>{text(code)}</code></td><td>{text(message)}</td><td>{named}{more}</td></tr>"
    yield "</tbody></table>"
    if causes[_MOST_CAUSES:]:
        yield f'<p class="soft">and {many(len(causes) - _MOST_CAUSES, "other cause")}, each with its job</p>'
    yield "</section>"


def _ordered(farm: FarmPage) -> tuple[Entry, ...]:
    """What failed comes first, then the order of the farm."""
    failed = farm.having("failed")
    return (*failed, *(entry for entry in farm.entries if entry.look != "failed"))
