from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from imagekit.engine.booting.junit import junit_text
from imagekit.engine.booting.report import BootRecord, BootReport, CloneRecord, IdentityResult
from imagekit.guest.facts import Facts

UP = BootRecord(number=1, outcome="up", power_off="probe", seconds=61.25)
FAILED = BootRecord(
    number=2, outcome="failed", why="failed units: a\x00<b>", power_off="probe", seconds=1, serial_log=Path("/log")
)


def identity(name: str, judgement: Any, why: str = "") -> IdentityResult:
    return IdentityResult(id=name, title=name, judgement=judgement, why=why)


def report(**fields: Any) -> BootReport:
    known = {"image": "web.qcow2", "guest": Facts(), "firmware": "bios", "accelerator": "tcg", "seconds": 200}
    return BootReport(**known | {"verdict": "failed"} | fields)


def test_boots_and_identities_are_cases_and_what_is_wrong_is_a_failure() -> None:
    text = junit_text(
        report(
            clones=(CloneRecord(name="clone-1", boots=(UP, FAILED), unread="damaged"),),
            identities=(identity("a", "proven"), identity("b", "equal", "shared"), identity("c", "unused")),
        )
    )
    suite = ET.fromstring(text.encode()).find("testsuite")

    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6", "failures": "2", "errors": "1", "skipped": "1"
    }  # fmt: skip
    cases = {case.get("name"): case for case in suite}
    assert cases["boot 1"].get("time") == "61.2"
    assert cases["boot 2"].find("failure").get("message") == "failed units: a <b>"
    assert cases["boot 2"].findtext("system-out") == "serial log: /log"
    assert cases["b"].find("failure").get("message") == "shared"
    assert cases["read offline"].find("error").get("message") == "damaged"


def test_clones_that_were_never_booted_are_one_error() -> None:
    suite = ET.fromstring(junit_text(report(verdict="undecided", why="no init")).encode()).find("testsuite")

    assert suite is not None
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    assert suite.find("testcase/error").get("message") == "no init"
