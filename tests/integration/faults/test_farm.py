"""A farm of 24 jobs with a base that is no image and a command that hangs; its runner is killed three times."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

pytestmark = [pytest.mark.appliance, pytest.mark.faults]

FARM = """\
version: 1
images: [images/*]
specs: [specs/*.yaml]
matrix: {program: [success, waiter]}
output: out/{image}-{spec}-{program}.qcow2
"""
SPECS = {
    "db": "version: 1\nvars: {program: x}\ntransforms:\n  - hostname: db-${{ program }}\n",
    "web": "version: 1\nvars: {program: x}\ntransforms:\n  - hostname: web-${{ program }}\n  - machine-id\n",
    # Only a guest without a partition for EFI runs the command, and of its two programs one never ends.
    "tool": """\
version: 1
vars: {program: x}
transforms:
  - hostname: tool-${{ program }}
  - write-files: [{path: "/usr/bin/${{ program }}", source: "${{ program }}", mode: "0755"}]
  - run: {command: ["/usr/bin/${{ program }}"], creates: /boot/efi}
""",
}
HANGS = "a-small-tool-waiter"
PROMISED_SECONDS = 5.0
SECONDS = 60  # for each job; a healthy one needs a tenth of it on an idle host

# Runs the farm as a program of a user would, and numbers what it tells on stderr.
PROGRAM = f"""
import collections, sys
import imagekit

counts = collections.Counter()

def tell(event):
    name = type(event).__name__
    counts[name] += 1
    print(f"[{{name}} {{counts[name]}}]", getattr(event, "job", ""), getattr(event, "inner", ""), file=sys.stderr, flush=True)

options = imagekit.Options(timeout={SECONDS})
try:
    report = imagekit.batch(sys.argv[4], jobs=2, resume=True, only=sys.argv[5:], options=options, on_event=tell)
except imagekit.ImagekitError as error:
    sys.exit(error.exit_status)
print(report.model_dump_json())
sys.exit(report.exit_status)
"""


@pytest.fixture
def farm(folder, layouts):
    """The farm's document beside four images, the last of them cut short, and three specs."""
    for number, name in enumerate(("mbr-ext4", "gpt-split", "gpt-split")):
        path = folder / "images" / f"{'abc'[number]}-{('small', 'split', 'twin')[number]}.img"
        path.parent.mkdir(exist_ok=True)
        shutil.copy(layouts[name].path, path)
    (folder / "images" / "d-broken.qcow2").write_bytes(b"QFI\xfb".ljust(100, b"\0"))
    (folder / "specs").mkdir()
    for name, text in SPECS.items():
        (folder / "specs" / f"{name}.yaml").write_text(text)
    shutil.copy(folder / "waiter", folder / "specs" / "waiter")
    leaving = (folder / "failure").read_bytes().replace(bytes.fromhex("bf03000000"), bytes.fromhex("bf00000000"))
    (folder / "specs" / "success").write_bytes(leaving)  # exit(0) in the place of exit(3)
    (folder / "farm.yaml").write_text(FARM)
    return folder / "farm.yaml"


def finished(out: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of each output that has its receipt."""
    outputs = [path.with_name(path.name.removesuffix(".receipt.json")) for path in out.glob("*.receipt.json")]
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in outputs}


def litter(out: Path) -> list[str]:
    """Return what lies about in the folder of the outputs, the journal's own files aside."""
    return [path.name for path in out.glob(".*") if "journal" not in path.name]


def digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def test_a_farm_that_is_killed_three_times_makes_each_output_once(start, farm, base, read_images):
    out, seen = farm.parent / "out", {}
    for moment in ("[JobFinished 2]", "[JobFinished 6]", "'stage': 'publish'"):
        run = start("version: 1\n", str(farm), image=base, script=PROGRAM)
        run.until(moment)
        run.kill()
        run.check_clean()
        assert litter(out) == []
        for name, identity in finished(out).items():
            assert seen.setdefault(name, identity) == identity

    last = start("version: 1\n", str(farm), image=base, script=PROGRAM)
    assert last.ended() == 7

    last.check_clean()
    now = finished(out)
    assert {name: now[name] for name in seen} == seen
    jobs = {each["job"]["id"]: each for each in last.document["jobs"]}
    assert len(jobs) == 24
    failed = {name for name, job in jobs.items() if job["state"] == "failed"}
    assert failed == {HANGS, *(name for name in jobs if name.startswith("d-broken"))}
    assert jobs[HANGS]["outcome"]["code"] == "IK-APP-005"
    assert {jobs[name]["outcome"]["exit_status"] for name in failed - {HANGS}} == {4}
    done = {name: Path(job["job"]["output"]) for name, job in jobs.items() if job["state"] == "done"}
    assert len(done) == 17
    assert {path.name for path in done.values()} == set(now)

    with contextlib.closing(sqlite3.connect(out / "farm.journal.sqlite")) as db:
        ends = Counter(job for (job,) in db.execute("SELECT job FROM transitions WHERE state = 'done'"))
        assert db.execute("SELECT count(*) FROM runs").fetchone() == (4,)
    assert ends == Counter(done.keys())
    for name, output in done.items():
        receipt = json.loads(output.with_name(f"{output.name}.receipt.json").read_text())
        assert receipt["output"]["sha256"] == jobs[name]["outcome"]["sha256"] == digest(output)
    few = [f"a-small-{name}-success" for name in SPECS]  # the witness looks for systems on all disks, for each of them
    names = [image["/etc/hostname"] for image in read_images({done[name]: ["/etc/hostname"] for name in few})]
    assert names == [f"{name}-success\n".encode() for name in SPECS]


def test_an_interrupted_farm_ends_at_once_with_a_true_journal(start, farm, base):
    run = start("version: 1\n", str(farm), HANGS, "b-split-db-waiter", image=base, script=PROGRAM)

    run.until("run /usr/bin/waiter")
    os.kill(run.pid, signal.SIGINT)
    assert run.ended(PROMISED_SECONDS) == 130

    run.check_clean()
    out = farm.parent / "out"
    assert litter(out) == []
    with contextlib.closing(sqlite3.connect(out / "farm.journal.sqlite")) as db:
        states = dict(db.execute("SELECT id, state FROM jobs WHERE attempt > 0"))
    assert states[HANGS] == "interrupted"
    assert "running" not in states.values()


@pytest.mark.parametrize("words", ["imagekit.farm.child", "appliance/worker.py"])
def test_a_job_whose_process_is_killed_runs_once_more_and_touches_no_other(words, start, farm, base):
    run = start("version: 1\n", str(farm), "b-split-db-waiter", image=base, script=PROGRAM)

    run.until("'stage': 'find system'")
    os.kill(run.process(words), signal.SIGKILL)
    assert run.ended() == 0

    run.check_clean()
    (job,) = [job for job in run.document["jobs"] if job["outcome"]]
    assert "[JobRetried 1] b-split-db-waiter" in run.said
    assert (job["state"], job["attempt"]) == ("done", 2)
    assert litter(farm.parent / "out") == []
    assert set(finished(farm.parent / "out")) == {"b-split-db-waiter.qcow2"}
