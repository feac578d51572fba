from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagekit.engine.inspecting import Inspection
from imagekit.guest.facts import Facts
from imagekit.images.info import ImageInfo

if TYPE_CHECKING:
    from collections.abc import Callable

FOUND = Inspection(
    image=ImageInfo(
        path=Path("/srv/base.qcow2"),
        format="qcow2",
        virtual_size=1,
        file_size=1,
        actual_size=1,
        device=1,
        inode=1,
        mtime_ns=1,
    ),
    guest=Facts(distro="debian"),
    filesystems=(),
)


def test_the_facts_are_told(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    fake = engine("imagekit.engine.inspecting.inspect", FOUND)

    ran = run("inspect", "base.qcow2", "--key", "/dev/sda2=file:disk.key")

    assert ran.status == 0
    assert "/srv/base.qcow2" in ran.out
    assert fake.kwargs["options"].keys == ("/dev/sda2=file:disk.key",)


def test_with_json_the_facts_are_the_one_document(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    engine("imagekit.engine.inspecting.inspect", FOUND)

    assert Inspection.model_validate(json.loads(run("inspect", "base.qcow2", "--json").out)) == FOUND


def test_an_image_that_is_not_there_is_for_its_owner(run: Callable[..., Any], tmp_path: Path) -> None:
    ran = run("inspect", tmp_path / "none.qcow2", "--json")

    assert ran.status == 4
    assert json.loads(ran.out)["error"]["code"] == "IK-IMG-101"


def test_a_second_image_is_wrong_usage(run: Callable[..., Any]) -> None:
    assert run("inspect", "a", "b").status == 2
