from __future__ import annotations

import io
import os
import stat
from typing import TYPE_CHECKING, Any

import pycdlib
import pytest

from imagekit.engine.errors import SeedInvalid, SeedOverInput, SeedUnreadable
from imagekit.engine.seeding import seed
from imagekit.images.publish import OutputExists, OutputNotAFile
from imagekit.images.workspace import FolderMissing
from imagekit.system import metadata

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "seed.iso"


def read(path: Path) -> dict[str, bytes]:
    iso = pycdlib.PyCdlib()
    iso.open_fp(io.BytesIO(path.read_bytes()))
    assert iso.pvd.volume_identifier.decode().strip() == "cidata"
    found = {}
    for child in iso.list_children(rr_path="/"):
        name = child.rock_ridge.name().decode() if child.rock_ridge else ""
        if child.is_file():
            content = io.BytesIO()
            iso.get_file_from_iso_fp(content, rr_path=f"/{name}")
            found[name] = content.getvalue()
    return found


def test_a_seed_of_nothing_is_a_new_machine_each_time(output: Path) -> None:
    first = seed(output)
    second = seed(output, force=True)

    files = read(output)
    assert sorted(files) == ["meta-data", "user-data"]
    assert (files["user-data"], metadata.instance_id(files["meta-data"])) == (b"", second.instance_id)
    assert first.instance_id != second.instance_id


def test_each_file_may_be_a_path_a_content_or_a_mapping(output: Path, tmp_path: Path) -> None:
    (tmp_path / "net").write_text("version: 2\n")
    report = seed(
        str(output),
        user_data={"timezone": "UTC"},
        meta_data=b"instance-id: i-1\n",
        vendor_data={"timezone": "CET"},
        network_config=tmp_path / "net",
    )

    assert read(output) == {
        "user-data": b"#cloud-config\ntimezone: UTC\n",
        "meta-data": b"instance-id: i-1\n",
        "vendor-data": b"#cloud-config\ntimezone: CET\n",
        "network-config": b"version: 2\n",
    }
    assert (report.instance_id, report.label, report.size) == ("i-1", "cidata", output.stat().st_size)
    assert {each.name: each.size for each in report.files}["network-config"] == 11


def test_the_same_input_makes_the_same_bytes(tmp_path: Path) -> None:
    made: dict[str, Any] = {"user_data": b"#!/bin/sh\n", "meta_data": {"instance-id": "a"}}
    for name in ("a", "b"):
        seed(tmp_path / name, **made)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_nobody_else_may_read_it_and_nothing_stays_beside_it(output: Path) -> None:
    before = os.umask(0)
    seed(output)
    os.umask(before)

    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert list(output.parent.iterdir()) == [output]


def test_every_problem_of_every_file_comes_at_once_at_its_place(output: Path, tmp_path: Path) -> None:
    (tmp_path / "ud").write_text("# cloud-config\npassword: hush\n")
    (tmp_path / "md").write_text("local-hostname: web\ninstance_id: x\n")

    with pytest.raises(SeedInvalid) as refused:
        seed(output, user_data=tmp_path / "ud", meta_data=tmp_path / "md", network_config=b"version: 3\n")

    found = {each.field: each for each in refused.value.diagnostics}
    assert sorted(found) == ["meta-data", "network-config", "user-data"]
    assert str(found["meta-data"].place) == f"{tmp_path}/md:2:1"
    assert found["meta-data"].place.text == "instance_id: x"
    assert found["user-data"].place.text == ""
    assert "line 1, column 1" in found["network-config"].message
    assert "hush" not in str(refused.value)
    assert not output.exists()


def test_a_line_that_is_not_there_is_not_drawn(output: Path, tmp_path: Path) -> None:
    (tmp_path / "md").write_text("a: [\n")

    with pytest.raises(SeedInvalid) as refused:
        seed(output, meta_data=tmp_path / "md")

    assert "md:2:1" in str(refused.value)


def test_an_output_is_only_replaced_on_purpose(output: Path) -> None:
    output.write_bytes(b"mine")

    with pytest.raises(OutputExists):
        seed(output)
    assert output.read_bytes() == b"mine"
    seed(output, force=True)
    assert read(output)["user-data"] == b""


def test_an_output_that_is_an_input_or_no_file_is_never_replaced(output: Path, tmp_path: Path) -> None:
    output.write_bytes(b"#!/bin/sh\n")
    (tmp_path / "link").symlink_to(output)

    with pytest.raises(SeedOverInput):
        seed(tmp_path / "link", user_data=output, force=True)
    with pytest.raises(OutputNotAFile):
        seed(tmp_path, force=True)
    with pytest.raises(FolderMissing):
        seed(tmp_path / "none" / "seed.iso")
    assert output.read_bytes() == b"#!/bin/sh\n"


def test_what_cannot_be_read_is_named(output: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "huge").open("wb") as opened:
        opened.truncate((16 << 20) + 1)

    for name, reason in (("none", "No such file"), ("pipe", "no regular file"), ("huge", "larger than 16 MiB")):
        with pytest.raises(SeedUnreadable, match=reason) as refused:
            seed(output, user_data=tmp_path / name)
        assert refused.value.path == tmp_path / name


def test_what_the_author_may_not_have_meant_is_in_the_report(output: Path) -> None:
    (remark,) = seed(output, user_data={"password": "hush"}).remarks

    assert "plain text" in remark
    assert "hush" not in remark


def test_an_address_is_right_on_the_disk_of_its_machine(output: Path) -> None:
    network = {"version": 2, "ethernets": {"a": {"match": {"macaddress": "52:54:00:12:34:56"}}}}

    assert seed(output, network_config=network).remarks == ()
