"""The recipes for schedulers fit the command: its options, its exit statuses, its way to count."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from imagekit import errors
from imagekit.errors import HostError, ImagekitError, SpecError
from imagekit.farm.choosing import parse_shard
from imagekit.farm.loading import parse_farm
from imagekit_cli.app import make_app
from imagekit_cli.errors import Bug, Ended

if TYPE_CHECKING:
    from pathlib import Path

STATUSES = {
    cls.exit_status
    for cls in (*vars(errors).values(), Bug, Ended)
    if isinstance(cls, type) and issubclass(cls, ImagekitError) and cls is not ImagekitError
}
FINDINGS = errors.FindingsError.exit_status  # batch looks for none


@pytest.fixture(scope="module")
def job(root: Path) -> Any:
    return YAML(typ="safe").load((root / "docs" / "farms" / "job.yaml").read_text())


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "docs" / "farms.md").read_text()


def container(job: Any) -> Any:
    (one,) = job["spec"]["template"]["spec"]["containers"]
    return one


def rules(job: Any) -> dict[int, str]:
    """Return what becomes of a pod by its exit status: the first rule that fits decides."""
    found: dict[int, str] = {}
    for rule in job["spec"]["podFailurePolicy"]["rules"]:
        for value in rule.get("onExitCodes", {"values": []})["values"]:
            found.setdefault(value, rule["action"])
    return found


def shell(words: list[str], variables: dict[str, str], tools: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{tools}:/usr/bin:/bin", **variables}
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with an imagekit and an scontrol that say what they were called with; STATUS is how the first ends."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, status in (("imagekit", "${STATUS:-0}"), ("scontrol", "0")):
        path = folder / name
        path.write_text(f"#!/bin/sh\nprintf '%s\\n' {name} \"$@\"\nexit {status}\n")
        path.chmod(0o755)
    return folder


def understood(words: list[str]) -> dict[str, Any]:
    """Return what the command makes of its words."""
    assert words[:2] == ["imagekit", "batch"]
    command = get_command(make_app()).commands["batch"]  # type: ignore[attr-defined]
    return command.make_context("batch", words[2:]).params  # type: ignore[no-any-return]


def test_a_job_of_kubernetes_has_a_pod_for_each_part(job: Any) -> None:
    shards = {each["name"]: each["value"] for each in container(job)["env"]}["SHARDS"]

    assert (job["apiVersion"], job["kind"], job["spec"]["completionMode"]) == ("batch/v1", "Job", "Indexed")
    assert job["spec"]["completions"] == job["spec"]["parallelism"] == int(shards)


@pytest.mark.parametrize("index", ["0", "3"])
def test_a_pod_makes_its_part(job: Any, index: str, tools: Path) -> None:
    words = [*container(job)["command"], *container(job)["args"]]
    done = shell(words, {"JOB_COMPLETION_INDEX": index, "SHARDS": "4"}, tools)

    given = understood(done.stdout.splitlines())
    assert parse_shard(given["shard"]) == (int(index) + 1, 4)
    assert (given["resume"], given["jobs"], given["json"]) == (True, 1, True)


def test_a_pod_ends_as_the_command_does(job: Any, tools: Path) -> None:
    words = [*container(job)["command"], *container(job)["args"]]

    assert shell(words, {"JOB_COMPLETION_INDEX": "0", "SHARDS": "4", "STATUS": "7"}, tools).returncode == 7


def test_every_exit_status_has_its_rule(job: Any) -> None:
    assert set(rules(job)) == STATUSES - {FINDINGS}


def test_what_is_wrong_for_all_ends_the_job_and_what_may_pass_is_tried_again(job: Any) -> None:
    assert {status for status, action in rules(job).items() if action == "FailJob"} == {SpecError.exit_status}
    assert {rules(job)[cls.exit_status] for cls in (HostError, errors.ApplianceError)} == {"Count"}
    assert rules(job)[errors.StepError.exit_status] == "FailIndex"


def test_what_kubernetes_asks_of_such_rules_is_there(job: Any) -> None:
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert job["spec"]["backoffLimitPerIndex"] >= 1  # FailIndex needs it
    named = {
        each["onExitCodes"]["containerName"]
        for each in job["spec"]["podFailurePolicy"]["rules"]
        if "onExitCodes" in each
    }
    assert named == {container(job)["name"]}


def array(root: Path, tools: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    slurm = {
        "SLURM_ARRAY_TASK_ID": "3",
        "SLURM_ARRAY_TASK_MIN": "1",
        "SLURM_ARRAY_TASK_COUNT": "8",
        "SLURM_JOB_ID": "17",
    }
    return shell(["bash", str(root / "docs" / "farms" / "array.sh"), *words], {**slurm, **variables}, tools)


def test_a_task_of_an_array_makes_its_part(root: Path, tools: Path) -> None:
    done = array(root, tools, "web.yaml", "--timeout", "900")

    given = understood(done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (0, "")
    assert parse_shard(given["shard"]) == (3, 8)
    assert (str(given["farm"]), given["resume"], given["jobs"], given["timeout"]) == ("web.yaml", True, 1, 900)


def test_an_array_may_count_from_nought(root: Path, tools: Path) -> None:
    done = array(root, tools, SLURM_ARRAY_TASK_ID="0", SLURM_ARRAY_TASK_MIN="0")

    assert parse_shard(understood(done.stdout.splitlines())["shard"]) == (1, 8)


@pytest.mark.parametrize(
    ("status", "before", "again"),
    [("0", "0", False), ("2", "0", False), ("7", "0", False), ("3", "0", True), ("6", "1", True), ("3", "2", False)],
)
def test_an_array_is_queued_again_only_for_what_another_node_may_do_better(
    root: Path, tools: Path, status: str, before: str, *, again: bool
) -> None:
    done = array(root, tools, STATUS=status, SLURM_RESTART_COUNT=before)

    assert done.returncode == int(status)
    assert ("scontrol\nrequeue\n17\n" in done.stdout) == again


def test_the_farm_that_is_shown_is_right(text: str) -> None:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)

    assert parse_farm(shown).matrix == {"site": ("paris", "rome")}


def test_the_commands_that_are_shown_are_understood(text: str) -> None:
    lines = [line for line in text.splitlines() if line.startswith("imagekit batch ")]

    assert len(lines) >= 5
    for line in lines:
        assert understood(shlex.split(line.partition(" | ")[0]))["farm"]


def test_every_exit_status_is_told(text: str) -> None:
    cells = re.findall(r"^\| ([\d, ]+) \|", text, re.MULTILINE)

    # A bug is told wherever it happens, and is none of the statuses that a script is made for.
    assert {int(number) for cell in cells for number in cell.split(",")} == (STATUSES - {FINDINGS, 1}) | {0}
