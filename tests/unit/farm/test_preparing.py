from __future__ import annotations

import pytest

from imagekit.engine.options import Options
from imagekit.farm.document import Farm
from imagekit.farm.preparing import (
    SecretNotForBatch,
    VariableInMatrix,
    portable_options,
    portable_secrets,
    prepare,
)

FARM = """\
version: 1
name: sites
images: [base.qcow2]
specs: [web.yaml]
matrix: {site: [paris, rome]}
output: "out/{image}-{spec}-{site}.qcow2"
"""


@pytest.fixture
def document(tmp_path):
    (tmp_path / "base.qcow2").touch()
    (tmp_path / "web.yaml").touch()
    path = tmp_path / "farm.yaml"
    path.write_text(FARM)
    return path


def ids(jobs):
    return [job.id for job in jobs]


def test_the_state_of_a_farm_lies_beside_its_outputs(document, tmp_path) -> None:
    prepared = prepare(document)

    out, places = tmp_path / "out", prepared.places
    assert (places.outputs, places.journal, places.logs) == (out, out / "farm.journal.sqlite", out / "farm.logs")
    assert places.document == "../farm.yaml"
    assert places.log(prepared.jobs[0]) == out / "farm.logs" / "base-web-paris.jsonl"
    assert not out.exists()


def test_a_farm_has_its_jobs_and_a_run_those_that_were_chosen(document) -> None:
    prepared = prepare(document, only=["*-rome"])

    assert ids(prepared.every) == ids(prepared.jobs) == ["base-web-paris", "base-web-rome"]
    assert ids(prepared.chosen) == ["base-web-rome"]


def test_each_share_has_a_journal_of_its_own_with_its_own_jobs(document) -> None:
    first, second = prepare(document, shard=(1, 2)), prepare(document, shard=(2, 2))

    assert sorted(ids(first.jobs + second.jobs)) == ["base-web-paris", "base-web-rome"]
    assert first.places.journal.name == "farm.1-of-2.journal.sqlite"
    assert second.places.journal.name == "farm.2-of-2.journal.sqlite"
    assert len(first.every) == 2


def test_a_variable_for_all_jobs_joins_those_of_the_matrix(document) -> None:
    assert prepare(document, variables={"tier": "gold"}).jobs[0].values == {"tier": "gold", "site": "paris"}


def test_a_variable_of_the_matrix_has_one_meaning(document) -> None:
    with pytest.raises(VariableInMatrix, match="--set site"):
        prepare(document, variables={"site": "berlin"})


def test_a_farm_made_in_python_is_relative_to_the_current_folder(document, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    prepared = prepare(Farm(name="mine", images=("base.qcow2",), specs=("web.yaml",)))

    assert ids(prepared.jobs) == ["base-web"]
    assert prepared.jobs[0].output.parent == prepared.places.outputs == tmp_path
    assert prepared.places.journal == tmp_path / "mine.journal.sqlite"


def test_secrets_are_read_where_the_job_runs_so_their_files_have_whole_paths(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert portable_secrets({"a": "env:A", "b": "file:b.txt", "c": "file:/etc/c"}) == {
        "a": "env:A",
        "b": f"file:{tmp_path}/b.txt",
        "c": "file:/etc/c",
    }


def test_a_descriptor_is_no_place_for_a_secret_of_many_jobs() -> None:
    with pytest.raises(SecretNotForBatch, match="--secret db") as refused:
        portable_secrets({"db": "fd:3"})

    assert "db=env:VARIABLE" in refused.value.fix


def test_files_of_options_have_whole_paths_too(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    portable = portable_options(Options(allow_backing=["bases"], keys=["/dev/sda2=file:k", "UUID=file:/k", "wrong"]))

    assert portable.allow_backing == (tmp_path / "bases",)
    assert portable.keys == (f"/dev/sda2=file:{tmp_path}/k", "UUID=file:/k", "wrong")
