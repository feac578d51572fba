"""Steps that fail or hang, and disks that fill up: what is told, and that nothing comes of it."""

from __future__ import annotations

import json
import os

import pytest

pytestmark = [pytest.mark.appliance, pytest.mark.faults]

WRITE = """\
version: 1
transforms:
  - write-files:
      - {{path: /usr/bin/first, source: {0}, mode: "0755"}}
      - {{path: /usr/bin/second, source: {1}, mode: "0755"}}
  - run: {{command: [/usr/bin/first], timeout: 2}}
"""

# Runs a command while a folder is a file system of its own, and tells what is in it at the end.
SMALL = """
import ctypes, json, os, subprocess, sys
folder, size, told, *argv = sys.argv[1:]
if ctypes.CDLL(None).mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={size}".encode()):
    sys.exit("cannot mount")
status = subprocess.call(argv)
with open(told, "w") as answer:
    json.dump(os.listdir(folder), answer)
sys.exit(status)
"""


@pytest.fixture
def on_a_small_disk(folder):
    """``on_a_small_disk(size)``: what is put before a command so that the results' folder has so many bytes.

    The mount is in a namespace of its own and ends with it. Root makes one at will, others inside one of users.
    """
    own = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    python = ["/usr/bin/python3", "-c", SMALL]
    return lambda size: [
        *("unshare", "--mount", *own, "--", *python),
        *map(str, (folder / "results", size, folder / "results.json")),
    ]


def test_a_host_disk_that_fills_up_while_the_guest_writes_ends_the_build(start, folder, on_a_small_disk):
    build = start(WRITE.format("noise", "waiter"), before=on_a_small_disk("12m"))

    build.until("step 1/")
    assert build.ended() == 3
    assert build.document["error"]["code"] == "IK-HOST-011"
    assert json.loads((folder / "results.json").read_text()) == []
    build.check_nothing_published()


def test_a_host_disk_without_room_for_the_image_ends_the_build(start, folder, on_a_small_disk):
    spec = "version: 1\ntransforms:\n  - write-files: [{path: /root/noise, source: noise}]\n"
    build = start(spec, before=on_a_small_disk("40m"))

    build.until("write image")
    assert build.ended() == 3
    assert build.document["error"]["code"] == "IK-HOST-011"
    assert json.loads((folder / "results.json").read_text()) == []
    build.check_nothing_published()


def test_a_guest_file_system_that_is_full_fails_the_step_and_names_the_path(start):
    build = start(WRITE.format("noise", "noise"))

    assert build.ended() == 7
    error = build.document["error"]
    assert (error["code"], error["cause"]) == ("IK-STEP-001", "IK-GST-003")
    assert "step 1 (write-files) failed" in error["message"]
    assert "no space left in the guest's file system at /usr/bin/second" in error["message"]
    build.check_nothing_published()


def test_a_command_that_fails_fails_its_step(start):
    build = start(WRITE.format("failure", "waiter"))

    assert build.ended() == 7
    error = build.document["error"]
    assert (error["code"], error["cause"]) == ("IK-STEP-001", "IK-RUN-001")
    assert "step 2 (run) failed: run /usr/bin/first ended with status 3" in error["message"]
    build.check_nothing_published()


def test_a_command_that_hangs_is_ended_after_its_time(start):
    build = start(WRITE.format("waiter", "waiter"))

    assert build.ended() == 7
    error = build.document["error"]
    assert (error["code"], error["cause"]) == ("IK-STEP-001", "IK-STEP-002")
    assert "within 2 s" in error["message"]
    build.check_nothing_published()
