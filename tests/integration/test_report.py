"""The page of a farm in a real browser, on a phone and on a desk, by day and by night; scripts are off.

The screenshots stay where pytest keeps things; their paths are printed.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.events import StageFinished, StageStarted, StepFinished, StepStarted
from imagekit.farm.job import Job, Outcome
from imagekit.farm.report import write_report
from imagekit.farm.report.looks import APPEARANCES
from imagekit.farm.summary import BatchReport, JobReport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.browser

PROGRAMS = ("chromium-headless-shell", "chromium")
SECONDS = 120  # forty times what a launch takes
PHONE, DESK = (390, 1400), (1280, 900)
BEGAN = datetime(2026, 3, 1, 10, 2, 6, tzinfo=UTC)
HOSTILE = "<script>document.title='broken in'</script>\x1b[31m" + "x" * 300

# What is asked of the page: it stands in a frame in which no script runs, and the page around it looks in.
MEASURE = """\
const frame = document.querySelector('iframe');
const told = value => { document.querySelector('pre').textContent = JSON.stringify(value); };
onload = () => {
  const page = frame.contentDocument, root = page.documentElement;
  const box = page.querySelector('.scroll');
  const cells = [...page.querySelectorAll('.grid td a')].map(link => {
    const cell = link.closest('td').getBoundingClientRect();
    return {look: link.closest('td').className, left: cell.left, top: cell.top, right: cell.right, bottom: cell.bottom};
  });
  const found = {
    width: root.scrollWidth, height: root.scrollHeight, seen: root.clientWidth, cells,
    inner: box ? box.scrollWidth : 0, outer: box ? box.clientWidth : 0,
  };
  const link = page.querySelector('.grid td.done a');
  if (!link) { told(found); return; }
  const facts = () => page.querySelector(link.getAttribute('href') + ' dl').checkVisibility();
  found.folded = !facts();
  link.click();
  setTimeout(() => { found.unfolded = facts(); told(found); }, 200);
};
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """The pixels of a PNG."""

    width: int
    height: int
    rows: tuple[bytes, ...]
    channels: int

    def colour(self, x: float, y: float) -> str:
        """Return the colour of a pixel as ``#rrggbb``."""
        begin = int(x) * self.channels
        return "#" + self.rows[int(y)][begin : begin + 3].hex()


def read_png(data: bytes) -> Picture:
    """Decode a PNG of 8 bits per channel, RGB or RGBA, not interlaced: all that a browser writes (PNG, 3rd edition)."""
    chunks: dict[bytes, bytes] = {}
    place = 8
    while place < len(data):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        chunks[kind] = chunks.get(kind, b"") + data[place + 8 : place + 8 + size]
        place += size + 12
    head = chunks[b"IHDR"]
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    assert (head[8], head[12]) == (8, 0)
    channels = {2: 3, 6: 4}[head[9]]
    return Picture(
        width, height, tuple(_unfiltered(zlib.decompress(chunks[b"IDAT"]), width * channels, channels)), channels
    )


def _unfiltered(raw: bytes, length: int, step: int) -> Iterator[bytes]:
    above = bytearray(length)
    for begin in range(0, len(raw), length + 1):
        kind, row = raw[begin], bytearray(raw[begin + 1 : begin + 1 + length])
        for index in range(length) if kind else ():
            left = row[index - step] if index >= step else 0
            corner = above[index - step] if index >= step else 0
            match kind:
                case 1:
                    guess = left
                case 2:
                    guess = above[index]
                case 3:
                    guess = (left + above[index]) // 2
                case _:
                    whole = left + above[index] - corner
                    guess = min((left, above[index], corner), key=lambda near, whole=whole: abs(whole - near))
            row[index] = (row[index] + guess) & 0xFF
        yield bytes(row)
        above = row


class Browser:
    """Chromium without a window, one launch a question, each within its time."""

    def __init__(self, folder: Path) -> None:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        assert program, f"none of {', '.join(PROGRAMS)} is installed; run: make setup"
        self.folder = folder
        self._argv = [
            program,
            "--headless",
            "--no-sandbox",  # Chromium's own does not work for root, nor in most containers
            "--disable-gpu",
            "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--allow-file-access-from-files",
            f"--user-data-dir={folder / 'profile'}",
        ]

    def _run(self, *argv: str) -> str:
        words = [*self._argv, *argv]
        done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=SECONDS)
        return done.stdout

    def title(self, page: Path) -> str:
        """Return the title of a page once everything in it has run that would."""
        dom = self._run("--virtual-time-budget=1000", "--dump-dom", page.as_uri())
        return html.unescape(re.findall(r"<title>(.*?)</title>", dom, re.DOTALL)[0])

    def measure(self, page: Path, size: tuple[int, int]) -> dict[str, Any]:
        """Return what a page looks like in a window of a size, in CSS pixels; no script of its own runs."""
        frame = (
            f'<iframe sandbox="allow-same-origin" width="{size[0]}" height="{size[1]}" style="border:0"'
            f' src="{html.escape(page.as_uri())}"></iframe>'
        )
        around = self.folder / "around.html"
        around.write_text(f"<!DOCTYPE html><pre></pre>{frame}<script>{MEASURE}</script>", encoding="utf-8")
        dom = self._run("--virtual-time-budget=5000", "--dump-dom", around.as_uri())
        return dict(json.loads(html.unescape(re.findall(r"<pre>(.*?)</pre>", dom, re.DOTALL)[0])))

    def picture(self, page: Path, size: tuple[int, int], name: str, *, dark: bool) -> Picture:
        """Return a picture of a page, and keep it."""
        path = self.folder / f"{name}.png"
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        self._run(scheme, f"--window-size={size[0]},{size[1]}", f"--screenshot={path}", page.as_uri())
        print(f"screenshot: {path}")  # noqa: T201  whoever wants to look must know where
        return read_png(path.read_bytes())


def _outcome(number: int, job: Job) -> Outcome:
    usual: dict[str, Any] = {"job": job.id, "host": "host-1", "started": BEGAN + timedelta(seconds=20 * (number // 2))}
    if job.image.stem == "alpine":
        said = {"code": "IK-IMG-012", "message": HOSTILE, "why": HOSTILE, "fix": "take another image"}
        return Outcome(**usual, state="failed", seconds=2.5, exit_status=4, **said)
    if number == 4:
        return Outcome(**usual, state="failed", seconds=120, exit_status=6, code="IK-FARM-102", message="out of time")
    if number == 13:
        return Outcome(**usual, state="interrupted", seconds=12, exit_status=143)
    return Outcome(**usual, state="done", seconds=20, sha256="ab" * 32, size=400 << 20, reused=number < 2)


def _write_log(path: Path, outcome: Outcome) -> None:
    events = [
        StageStarted("start appliance", "the longest wait"),
        StageFinished("start appliance", 6.5),
        StepStarted(1, 2, "hostname", "hostname web"),
        StepFinished(1, "hostname", 1.5, 2),
        StepStarted(2, 2, "run", f"run {HOSTILE}"),
    ]
    lines = [{"event": "AttemptStarted", "attempt": 1}, *(each.document() for each in events)]
    lines.append({"event": "Outcome", **outcome.model_dump(mode="json")})
    path.write_text("".join(f"{json.dumps({'at': outcome.started.timestamp(), **line})}\n" for line in lines))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of 24 jobs, 4 images by 3 specs by 2 sites: one image is bad, one job hung, one was interrupted."""
    folder = tmp_path_factory.mktemp("farm")
    wanted = [
        (image, spec, site)
        for image in ("debian-12", "alpine", "rocky-9", "a-name-that-is-rather-long-for-a-phone")
        for spec in ("web", "db", "cache")
        for site in ("paris", "rome")
    ]
    jobs = []
    for number, (image, spec, site) in enumerate(wanted):
        paths = {"image": folder / f"{image}.qcow2", "spec": folder / f"{spec}.yaml"}
        name = f"{image}-{spec}-{site}"
        job = Job(id=name, **paths, values={"site": site}, output=folder / "out" / f"{name}.qcow2")
        outcome, log = _outcome(number, job), folder / f"{name}.jsonl"
        _write_log(log, outcome)
        jobs.append(JobReport(job=job, inputs="", state=outcome.state, attempt=1, outcome=outcome, log=log))
    report = BatchReport(
        name="web servers", farm=str(folder / "farm.yaml"), journal=folder / "j", logs=folder, started=BEGAN,
        seconds=262, at_a_time=2, jobs=tuple(jobs),
    )  # fmt: skip
    write_report(report, folder / "report.html")
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def on_a_phone(browser: Browser, page: Path) -> dict[str, Any]:
    return browser.measure(page, PHONE)


def test_what_is_too_wide_for_a_phone_is_noticed(browser: Browser, tmp_path: Path) -> None:
    wide = tmp_path / "wide.html"
    wide.write_text("<!DOCTYPE html><div style='width:600px'>x</div>")

    measured = browser.measure(wide, PHONE)

    assert (measured["seen"], measured["width"] > PHONE[0]) == (PHONE[0], True)


def test_the_page_fits_a_phone_and_its_grid_scrolls_in_its_own_box(on_a_phone: dict[str, Any]) -> None:
    assert (on_a_phone["seen"], on_a_phone["width"]) == (PHONE[0], PHONE[0])
    assert on_a_phone["inner"] > on_a_phone["outer"] <= PHONE[0]
    assert on_a_phone["height"] > PHONE[1]


def test_every_job_has_a_cell_that_opens_it_without_a_script(on_a_phone: dict[str, Any]) -> None:
    looks = [cell["look"] for cell in on_a_phone["cells"]]

    assert {look: looks.count(look) for look in looks} == {"reused": 2, "done": 14, "failed": 7, "interrupted": 1}
    assert (on_a_phone["folded"], on_a_phone["unfolded"]) == (True, True)


def test_what_a_job_said_is_shown_and_not_run(browser: Browser, page: Path) -> None:
    assert HOSTILE[:40] not in page.read_text(encoding="utf-8")
    assert (
        browser.title(page) == "imagekit batch: web servers: 16 of 24 jobs done, 7 failed and 1 did not come to an end"
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_each_cell_has_the_colour_of_its_result(
    browser: Browser, page: Path, size: tuple[int, int], *, dark: bool
) -> None:
    measured = browser.measure(page, size)

    picture = browser.picture(page, size, f"{size[0]}-{'dark' if dark else 'light'}", dark=dark)

    assert (picture.width, picture.height) == size
    seen = [cell for cell in measured["cells"] if cell["right"] < size[0] - 16 and cell["bottom"] < size[1]]
    paints = {look: each.dark.ground if dark else each.light.ground for look, each in APPEARANCES.items()}
    expected = [(cell["look"], paints[cell["look"]]) for cell in seen]
    assert [(cell["look"], picture.colour(cell["left"] + 5, cell["bottom"] - 5)) for cell in seen] == expected
    assert {look for look, _ in expected} >= {"done", "failed"}
