from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.auditing.sarif import SCHEMA, sarif_document

if TYPE_CHECKING:
    from imagekit.engine.auditing.report import AuditReport


@pytest.fixture
def run(full: AuditReport) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(sarif_document(full)))
    (only,) = document["runs"]
    return dict(only)


def test_it_says_which_version_and_schema_it_is(full: AuditReport) -> None:
    document = sarif_document(full)

    assert (document["version"], document["$schema"]) == ("2.1.0", SCHEMA)


def test_every_result_points_at_its_rule(run: dict[str, Any]) -> None:
    rules = run["tool"]["driver"]["rules"]

    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert len(run["results"]) == 15


def test_levels_are_those_that_sarif_has(run: dict[str, Any]) -> None:
    assert {result["level"] for result in run["results"]} == {"error", "warning", "note"}
    assert all(
        rule["defaultConfiguration"]["level"] in ("error", "warning", "note") for rule in run["tool"]["driver"]["rules"]
    )


def test_a_result_has_its_image_and_its_place_in_the_guest(run: dict[str, Any]) -> None:
    (location,) = run["results"][0]["locations"]

    assert location["physicalLocation"]["artifactLocation"]["uri"] == "web.qcow2"
    assert location["logicalLocations"] == [{"fullyQualifiedName": "/etc/machine-id", "kind": "resource"}]


def test_no_two_results_have_one_fingerprint(run: dict[str, Any]) -> None:
    prints = [result["partialFingerprints"]["imagekitFinding/v1"] for result in run["results"]]

    assert len(set(prints)) == len(prints)


def test_a_waiver_is_a_suppression(run: dict[str, Any]) -> None:
    suppressed = [result for result in run["results"] if "suppressions" in result]

    assert [result["ruleId"] for result in suppressed] == ["ssh-host-keys"]
    assert suppressed[0]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "the lab's own (until 2030-01-31)"}
    ]


def test_the_lines_that_mend_stand_with_the_result(run: dict[str, Any]) -> None:
    assert run["results"][0]["properties"]["mend"] == "  - machine-id\n"


def test_what_could_not_be_checked_is_a_notification(run: dict[str, Any]) -> None:
    (invocation,) = run["invocations"]

    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolExecutionNotifications"]) == 2
    assert len(invocation["toolConfigurationNotifications"]) == 2


def test_names_of_images_are_uris(run: dict[str, Any]) -> None:
    assert [each["location"]["uri"] for each in run["artifacts"]] == ["web.qcow2", "file:///srv/a%20b.qcow2"]


def test_what_a_guest_names_steers_nothing(run: dict[str, Any]) -> None:
    text = run["results"][1]["message"]["text"]

    assert "\x1b" not in text
    assert "\u202e" not in text
