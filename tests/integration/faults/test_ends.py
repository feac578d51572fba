"""Builds that are killed, interrupted, robbed of a part or out of time: nothing is left within five seconds."""

from __future__ import annotations

import os
import random
import select
import signal

import pytest

from imagekit.appliance.errors import VerbTimeout
from imagekit.appliance.opening import open_session
from imagekit.appliance.session import Disk, Settings
from imagekit.images.workspace import Workspace

pytestmark = [pytest.mark.appliance, pytest.mark.faults]

PROMISED_SECONDS = 5.0
MACHINE = "id=channel0"  # in the command line of the qemu that runs the appliance, warm or cold, and of no other
BRIEF = "version: 1\ntransforms:\n  - hostname: web-1\n"
HANGING = """\
version: 1
transforms:
  - write-files: [{path: /usr/bin/waiter, source: waiter, mode: "0755"}]
  - run: [/usr/bin/waiter]
"""
COMMAND_RUNS = "step 2/2 run /usr/bin/waiter"
STAGES = (
    "check image",
    "start appliance",
    "find system",
    "check steps",
    "step 1/1",
    "check result",
    "trim",
    "check file systems",
    "stop appliance",
    "write image",
    "digests",
    "publish",
)

# A build that stands still at a moment, whatever the speed of the host, until somebody kills it.
STANDING_STILL = """
import json, sys
import imagekit
from imagekit.engine import customize

base, spec, output, moment = sys.argv[1:]
write_receipt = customize.write_receipt_file

def stand_still(name, about=""):
    if name == moment:
        print(about, "stands still", file=sys.stderr, flush=True)
        sys.stdin.read()

def before_the_receipt(text, *args, **options):
    stand_still("receipt", json.loads(text)["output"]["sha256"])
    write_receipt(text, *args, **options)

customize.write_receipt_file = before_the_receipt
imagekit.customize(base, spec, output=output, on_event=lambda event: stand_still(getattr(event, "stage", "")))
"""


def test_a_build_that_is_killed_before_it_has_a_machine_leaves_nothing(start):
    build = start(BRIEF)

    build.until("start appliance")
    build.kill()
    build.check_nothing_published()


def test_after_a_kill_during_the_launch_the_next_build_succeeds_even_without_its_janitor(start):
    killed = start(BRIEF)
    killed.process(MACHINE)
    killed.kill()
    killed.check_nothing_published()

    build = start(BRIEF)
    janitor = build.process("janitor.py")
    build.process(MACHINE)
    os.kill(janitor, signal.SIGKILL)

    assert build.ended() == 0
    build.check_clean()
    assert build.receipt() == build.document
    build.check_output_is_whole()


def test_a_build_that_is_killed_while_a_command_runs_leaves_nothing(start):
    build = start(HANGING)

    build.until(COMMAND_RUNS)
    build.kill()
    build.check_nothing_published()


def test_a_build_that_is_killed_right_before_it_publishes_leaves_nothing(start):
    build = start(BRIEF, "publish", script=STANDING_STILL)

    build.until("stands still")
    build.kill()
    build.check_nothing_published()


def test_a_build_that_is_killed_before_its_receipt_leaves_a_whole_image(start):
    build = start(BRIEF, "receipt", script=STANDING_STILL)

    said = build.until("stands still")
    build.kill()
    build.check_clean()
    assert build.receipt() is None
    assert build.digest(build.output) in said


def killed_at_random(start, seed):
    """Kill a build at a moment that the seed decides, as far as the speed of the host lets it."""
    dice = random.Random(seed)
    stage, seconds = dice.choice(STAGES), dice.uniform(0, 1)
    print(f"seed {seed}: {seconds:.3f} s after {stage!r} began")  # noqa: T201  pytest shows it if the test fails
    build = start(BRIEF, "--format", "qcow2")
    build.until(stage)
    build.let_run(seconds)
    build.kill()
    build.check_clean()
    build.check_output_is_whole()


@pytest.fixture
def seed():
    """What a random moment comes from: printed, and taken from IMAGEKIT_FAULT_SEED to see the same again."""
    return int(os.environ.get("IMAGEKIT_FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)


@pytest.mark.parametrize("time", range(1, 4))
def test_a_build_that_is_killed_at_a_random_moment_leaves_a_whole_image_or_none(start, seed, time):
    killed_at_random(start, seed)


@pytest.mark.proof
@pytest.mark.parametrize("time", range(1, 61))
def test_many_builds_that_are_killed_at_random_moments_leave_whole_images_or_none(start, seed, time):
    killed_at_random(start, seed)


@pytest.mark.parametrize("part", ["worker.py", MACHINE], ids=["worker", "qemu"])
@pytest.mark.parametrize("moment", ["start appliance", COMMAND_RUNS], ids=["launch", "command"])
def test_a_part_that_is_killed_ends_the_build(start, part, moment):
    # One that was to be resumed would be followed by one that boots.
    build = start(HANGING, *(["--cold"] if moment != COMMAND_RUNS else []))

    build.until(moment)
    os.kill(build.process(part), signal.SIGKILL)
    assert build.ended() == 6
    assert build.document["error"]["code"] in ("IK-APP-001", "IK-APP-003")
    build.check_nothing_published()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
@pytest.mark.parametrize("moment", ["start appliance", COMMAND_RUNS], ids=["launch", "command"])
def test_an_interrupted_build_ends_at_once(start, number, status, moment):
    build = start(HANGING)

    build.until(moment)
    build.process(MACHINE)
    os.kill(build.pid, number)
    assert build.ended(PROMISED_SECONDS) == status
    assert build.document["error"]["exit_status"] == status
    build.check_nothing_published()


def test_a_build_that_runs_out_of_time_is_ended(start):
    build = start(HANGING, "--timeout", "10")

    assert build.ended() == 6
    error = build.document["error"]
    assert (error["code"], error["fix"]) == ("IK-APP-005", "allow more with --timeout SECONDS")
    build.check_nothing_published()


def test_a_machine_that_does_not_answer_any_more_is_given_up(folder, base):
    with Workspace.scratch(folder) as work:
        disks = (Disk(base, "raw", readonly=True),)
        with open_session(disks, Settings(), work.runtime, guard=work) as session:
            pid = session.call("get_pid")
            machine = os.pidfd_open(pid)
            os.kill(pid, signal.SIGSTOP)
            with pytest.raises(VerbTimeout):
                session.call("ping_daemon", deadline=1)
            ended = select.select([machine], [], [], PROMISED_SECONDS)[0]
            os.close(machine)

    assert ended == [machine]
    assert not work.runtime.exists()
