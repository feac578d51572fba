from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def parts(tmp_path: Path) -> list[str]:
    """A user's files, as options."""
    texts = {
        "user-data": "#cloud-config\ntimezone: UTC\n",
        "meta-data": "instance-id: i-1\n",
        "vendor-data": "#!/bin/sh\n",
        "network-config": "version: 2\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return [word for name in texts for word in (f"--{name}", str(tmp_path / name))]


def test_a_seed_is_written_and_shown(run: Callable[..., Any], parts: list[str], tmp_path: Path) -> None:
    ran = run("seed", "-o", tmp_path / "seed.iso", *parts)

    size = (tmp_path / "seed.iso").stat().st_size
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[:2] == [
        f"{tmp_path}/seed.iso",
        f"  {size / 1024:.1f} KiB, label cidata, instance-id i-1",
    ]


def test_with_json_the_report_is_one_document(run: Callable[..., Any], parts: list[str], tmp_path: Path) -> None:
    report = json.loads(run("seed", "-o", tmp_path / "seed.iso", *parts, "--json").out)

    assert report["instance_id"] == "i-1"
    assert {each["name"] for each in report["files"]} == {"user-data", "meta-data", "vendor-data", "network-config"}


def test_what_cloud_init_would_ignore_is_wrong_usage_drawn_at_its_place(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "user-data"
    path.write_text("# cloud-config\n")

    ran = run("seed", "-o", tmp_path / "seed.iso", "--user-data", path)

    assert ran.status == 2
    assert f"{path}:1:1  error IK-CLD-004  user-data: cloud-init would ignore it" in ran.err
    assert "fix:  write #cloud-config" in ran.err
    assert ran.err.endswith("1 problem in the seed\n")
    assert not (tmp_path / "seed.iso").exists()


def test_an_output_is_replaced_with_force_alone(run: Callable[..., Any], tmp_path: Path) -> None:
    words = ("seed", "-o", tmp_path / "seed.iso")

    assert [run(*words).status, run(*words).status, run(*words, "--force").status] == [0, 2, 0]


def test_an_output_has_to_be_named(run: Callable[..., Any]) -> None:
    ran = run("seed")

    assert ran.status == 2
    assert "-o" in ran.err
