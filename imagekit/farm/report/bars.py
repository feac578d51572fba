"""Time bars: what ran when, and beside what. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.farm.report.lanes import bars_of, joined, lanes_of
from imagekit.farm.report.looks import APPEARANCES
from imagekit.farm.report.timeline import timeline_of
from imagekit.page import text
from imagekit.wording import many, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imagekit.farm.report.lanes import Bar, Lane
    from imagekit.farm.report.model import FarmPage
    from imagekit.farm.report.timeline import Timeline

_LEAST = 0.002
"""Of the whole width: what is narrower is drawn as one with its neighbours."""
_NAMED = 0.03
"""Of the whole width: a bar that is narrower has no room for a name."""

_EDGE = 0.1
"""Of the whole width: a label so near to an end stands beside its mark, not below its middle."""


def bar_lines(page: FarmPage) -> Iterator[str]:
    """Yield one lane below the other, and the time of day below all.

    All of it is told in words before, and the grid has a link to every job, so readers of screens are spared it.
    """
    bars = bars_of(page.entries)
    lanes = lanes_of(bars)
    if not lanes:
        yield '<p class="soft">No job has run.</p>'
        return
    timeline = timeline_of((bar.begin, bar.end) for bar in bars)
    yield f'<p class="soft">{_told(lanes, timeline)}</p>\n<div class="time" aria-hidden="true">'
    hosts = {lane.host for lane in lanes}
    host, number = "", 0
    for lane in lanes:
        if lane.host != host and len(hosts) > 1:
            yield f'<p class="host soft">{text(lane.host)}</p>'
        number = number + 1 if lane.host == host else 1
        host = lane.host
        drawn = joined(lane, _LEAST * timeline.seconds).bars
        yield f'<div class="lane"><span>{number}</span><div>{"".join(_bar(bar, timeline) for bar in drawn)}</div></div>'
    yield f'<div class="lane clock"><span></span><div>{"".join(_clock(timeline))}</div></div>\n</div>'


def _told(lanes: Sequence[Lane], timeline: Timeline) -> str:
    busy = sum(lane.busy for lane in lanes)
    share = min(100, round(100 * busy / (timeline.seconds * len(lanes))))
    cuts = (
        f" Left out: {', '.join(seconds(idle) for _, idle in timeline.cuts)} in which nothing ran."
        if timeline.cuts
        else ""
    )
    return (
        f"{many(len(lanes), 'job')} at a time at the most; {seconds(busy)} of work in {seconds(timeline.seconds)}"
        f" by the clock, {share} % of what these slots could do.{cuts}"
    )


def _bar(bar: Bar, timeline: Timeline) -> str:
    left, right = timeline.at(bar.begin), timeline.at(bar.end)
    place = f"left:{100 * left:.2f}%;width:{100 * (right - left):.2f}%"
    shown = APPEARANCES[bar.look]
    if bar.entry is None:
        what = f"{many(bar.jobs, 'job')} {shown.word}"
        return f'<span class="bar {bar.look}" style="{place}" title="{what}"></span>'
    again = f", attempt {bar.attempt}" if bar.attempt > 1 or bar.attempt < bar.entry.attempt else ""
    title = f"{text(bar.entry.job.id)}: {shown.word}{again}, {seconds(bar.end - bar.begin)}"
    name = f"{shown.sign} {text(bar.entry.job.id)}" if right - left >= _NAMED else ""
    return f'<a class="bar {bar.look}" style="{place}" href="#j{bar.entry.number}" tabindex="-1" title="{title}">{name}</a>'


def _clock(timeline: Timeline) -> Iterator[str]:
    for tick in timeline.ticks():
        late = " late" if tick.left > 1 - _EDGE else " early" if tick.left < _EDGE else ""
        yield f'<i class="tick{late}" style="left:{100 * tick.left:.2f}%"><b>{tick.label}</b></i>'
    for left, _ in timeline.cuts:
        yield f'<i class="cut" style="left:{100 * left:.2f}%">⋯</i>'
