from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from imagekit.farm.document import Farm, FarmInvalid
from imagekit.farm.job import Job
from imagekit.farm.jobs import expand, output_folder
from imagekit.farm.loading import parse_farm

if TYPE_CHECKING:
    from imagekit.diagnostics import Diagnostic


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    for name in ("images/debian.qcow2", "images/alpine.raw", "web.yaml", "db.yaml"):
        (tmp_path / name).touch()
    return tmp_path


def farm(**parts: object) -> Farm:
    whole = {"images": ["images/*"], "specs": ["web.yaml", "db.yaml"], "output": "out/{image}-{spec}.qcow2", **parts}
    return Farm.model_validate(whole)


def codes(farm: Farm, folder: Path) -> list[str]:
    with pytest.raises(FarmInvalid) as caught:
        expand(farm, folder)
    return [problem.code for problem in caught.value.diagnostics]


def test_every_image_meets_every_spec_and_every_value(folder: Path) -> None:
    crossed = farm(matrix={"site": ["rome", "paris"], "tier": [1]}, output="out/{image}-{spec}-{site}-{tier}.qcow2")
    jobs = expand(crossed, folder)

    assert [job.id for job in jobs] == [
        f"{image}-{spec}-{site}-1"
        for image in ("alpine", "debian")
        for spec in ("db", "web")
        for site in ("rome", "paris")
    ]
    assert jobs[0] == Job(
        id="alpine-db-rome-1",
        image=folder / "images/alpine.raw",
        spec=folder / "db.yaml",
        values={"site": "rome", "tier": "1"},
        output=folder / "out/alpine-db-rome-1.qcow2",
    )


def test_without_a_pattern_outputs_are_beside_the_farm_and_keep_the_suffix_of_their_image(folder: Path) -> None:
    jobs = expand(farm(output=None, specs=["web.yaml"], matrix={"site": ["rome"]}), folder)

    assert [job.output for job in jobs] == [folder / "alpine-web-rome.raw", folder / "debian-web-rome.qcow2"]


def test_what_is_excluded_is_no_job(folder: Path) -> None:
    jobs = expand(farm(exclude=[{"image": "alpine", "spec": "db"}]), folder)

    assert [job.id for job in jobs] == ["alpine-web", "debian-db", "debian-web"]


def test_a_typo_in_an_exclusion_is_told_since_it_would_make_images(folder: Path) -> None:
    assert codes(farm(exclude=[{"image": "alpin"}]), folder) == ["IK-FARM-024"]


def test_a_farm_without_jobs_is_told(folder: Path) -> None:
    assert codes(farm(exclude=[{"image": "*"}]), folder) == ["IK-FARM-025"]


def test_all_problems_of_names_come_at_once(folder: Path) -> None:
    wrong = farm(images=["imags/*"], specs=["wbe.yaml"], exclude=[{"sit": "x"}])

    assert codes(wrong, folder) == ["IK-FARM-023", "IK-FARM-030", "IK-FARM-031"]


def test_all_problems_of_outputs_come_at_once(folder: Path) -> None:
    assert codes(farm(exclude=[{"spec": "x"}], output="out/{image}.qcow2"), folder) == ["IK-FARM-024", "IK-FARM-042"]


def test_a_farm_that_is_too_large_is_refused_before_it_is_made(folder: Path) -> None:
    matrix = {name: [str(value) for value in range(100)] for name in ("a", "b", "c")}

    assert codes(farm(matrix=matrix), folder) == ["IK-FARM-003"]


def test_ids_are_told_apart_where_names_run_into_each_other(folder: Path) -> None:
    for name in ("images/x-y.qcow2", "images/x.qcow2", "z.yaml", "y-z.yaml"):
        (folder / name).touch()
    crossed = farm(images=["images/x*"], specs=["*z.yaml"], output="out/{image}/{spec}.qcow2")
    ids = [job.id for job in expand(crossed, folder)]
    (folder / "more.yaml").touch()
    grown = [job.id for job in expand(crossed.model_copy(update={"specs": ("*z.yaml", "more.yaml")}), folder)]

    assert len(set(ids)) == 4
    assert {text.partition("~")[0] for text in ids} == {"x-y-y-z", "x-y-z", "x-z"}
    assert set(ids) < set(grown)


def test_an_id_can_be_the_name_of_a_file_and_be_typed(folder: Path) -> None:
    (job,) = expand(
        farm(images=["images/debian.qcow2"], specs=["web.yaml"], matrix={"v": [f"a b/{'x' * 300}"]}), folder
    )

    assert job.id.startswith("debian-web-a-b-xxx")
    assert len(job.id) < 200


def test_values_do_not_lead_out_of_the_folder_of_outputs(folder: Path) -> None:
    crossed = farm(matrix={"v": ["../..", "/etc"]}, output="out/{v}/{image}-{spec}.qcow2")

    assert {job.output.parent for job in expand(crossed, folder)} == {folder / "out/..-..", folder / "out/-etc"}


def test_ten_thousand_jobs_are_made_from_a_few_looks_at_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Path] = []
    resolve = Path.resolve
    monkeypatch.setattr(Path, "resolve", lambda path, strict=False: looks.append(path) or resolve(path, strict))
    matrix = {"a": [str(value) for value in range(50)], "b": [str(value) for value in range(50)]}
    jobs = expand(farm(matrix=matrix, output="out/{image}-{spec}-{a}-{b}.qcow2"), folder)

    assert len(jobs) == 10_000
    assert len(looks) < 50


@pytest.mark.parametrize(
    ("output", "where"),
    [("out/{image}", "out"), ("out/x-{image}", "out"), ("{image}/x", "."), (None, "."), ("a/../b/{image}", "b")],
)
def test_the_folder_of_outputs_is_the_fixed_part_of_their_paths(tmp_path: Path, output: str | None, where: str) -> None:
    assert output_folder(farm(output=output), tmp_path) == (tmp_path / where).resolve()


def test_the_folder_of_outputs_may_be_absolute(tmp_path: Path) -> None:
    assert output_folder(farm(output="/srv/images/{image}"), tmp_path) == Path("/srv/images")
    assert output_folder(farm(output="/{image}"), tmp_path) == Path("/")


WORDS = st.sampled_from(
    [
        r"i",
        r"images/*",
        r"*.yaml",
        r"**",
        r"[a",
        r"{image}",
        r"{v",
        r"..",
        r"/",
        r"true",
        r"~",
        r"0o7",
        r"'a/b'",
        r"web.yaml",
        r"v",
        r'"a\0b"',
        r'"\uD800"',
        r'""',
        r'"*"',
    ]
)
VALUES = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda texts: f"[{', '.join(texts)}]") | inner.map("{{v: {}}}".format)
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.dictionaries(st.sampled_from(["images", "specs", "matrix", "exclude", "output"]), VALUES, min_size=2))
def test_any_document_is_jobs_or_told(folder: Path, parts: dict[str, str]) -> None:
    text = "".join(f"{key}: {value}\n" for key, value in {"images": "images/*", "specs": "web.yaml", **parts}.items())
    jobs, problems = _expanded(text, folder)

    assert bool(jobs) != bool(problems)
    assert all(problem.place is not None and problem.render() for problem in problems)
    assert len({job.output for job in jobs}) == len({job.id for job in jobs}) == len(jobs)


def _expanded(text: str, folder: Path) -> tuple[tuple[Job, ...], tuple[Diagnostic, ...]]:
    try:
        return expand(parse_farm(text), folder), ()
    except FarmInvalid as invalid:
        return (), invalid.diagnostics
