from __future__ import annotations

from pathlib import Path

import pytest

from imagekit.diagnostics import Diagnostic, SpecInvalid
from imagekit.farm import specs as module
from imagekit.farm.document import Farm, FarmInvalid
from imagekit.farm.jobs import expand
from imagekit.farm.specs import Specs, check_specs, load_job_spec

WEB = "transforms: [hostname: 'web-${{ site }}']\n"
DB = "transforms: [hostname: db]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.qcow2").touch()
    (tmp_path / "web.yaml").write_text(WEB)
    (tmp_path / "db.yaml").write_text(DB)
    return tmp_path


def farm(*specs: str, **matrix: object) -> Farm:
    return Farm.model_validate({"images": ["a.qcow2"], "specs": specs, "matrix": matrix})


def told(crossed: Farm, folder: Path) -> list[Diagnostic]:
    with pytest.raises(SpecInvalid) as caught:
        check_specs(crossed, expand(crossed, folder), Specs())
    return list(caught.value.diagnostics)


def test_a_spec_gets_the_values_of_its_job(folder: Path) -> None:
    first, second = expand(farm("web.yaml", site=["paris", "rome"]), folder)

    assert load_job_spec(first).vars == {"site": "paris"}
    assert load_job_spec(second).transforms[0].transform.name == "web-rome"  # type: ignore[union-attr]


def test_a_spec_does_not_hear_of_variables_that_it_does_not_have(folder: Path) -> None:
    (job,) = expand(farm("db.yaml", site=["paris"]), folder)

    assert load_job_spec(job).vars == {}


def test_a_value_takes_the_sort_of_its_default_in_the_spec(folder: Path) -> None:
    (folder / "web.yaml").write_text("vars: {loud: false}\ntransforms: [hostname: 'w-${{ loud }}']\n")
    (job,) = expand(farm("web.yaml", loud=[True]), folder)

    assert load_job_spec(job).transforms[0].transform.name == "w-true"  # type: ignore[union-attr]


def test_a_secret_may_come_from_elsewhere_and_is_not_read_before_it_must(folder: Path) -> None:
    (folder / "key").write_text("k")
    (folder / "db.yaml").write_text("transforms: [write-files: [{path: /k, content: {secret: key}}]]\n")
    (job,) = expand(farm("db.yaml"), folder)
    source = {"key": f"file:{folder / 'key'}"}
    loaded = load_job_spec(job, secrets=source).transforms[0].transform.files[0].content  # type: ignore[union-attr]
    (folder / "key").unlink()

    assert loaded.reveal() == "k"
    assert Specs(source).of(job).transforms


def test_a_spec_is_read_once_for_each_combination_of_values(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "b.qcow2").touch()
    crossed = Farm(
        images=("*.qcow2",), specs=("web.yaml",), matrix={"site": ("paris", "rome")}, output="o/{image}-{site}"
    )
    jobs, specs, loads = expand(crossed, folder), Specs(), []
    load = module.load_job_spec
    monkeypatch.setattr(module, "load_job_spec", lambda job, **more: loads.append(job.id) or load(job, **more))
    check_specs(crossed, jobs, specs)

    assert {specs.of(job).vars["site"] for job in jobs} == {"paris", "rome"}
    assert loads == ["a-web-paris", "a-web-rome"]


def test_every_problem_of_every_spec_is_told_once(folder: Path) -> None:
    (folder / "db.yaml").write_text("transforms: [hostnam: db]\n")
    (folder / "web.yaml").write_text("transforms: [hostname: '${{ site }}', hostnam: web]\n")
    found = told(farm("web.yaml", "db.yaml", site=["paris", "rome"]), folder)

    assert [(Path(each.place.file).name, each.code, each.why) for each in found if each.place] == [
        ("db.yaml", "IK-SPEC-011", ""),
        ("web.yaml", "IK-SPEC-011", ""),
    ]


def test_a_problem_of_some_values_says_which(folder: Path) -> None:
    (folder / "web.yaml").write_text("vars: {n: 1}\ntransforms: [hostname: 'web-${{ n }}']\n")
    (found,) = told(farm("web.yaml", n=[1, "two", 3]), folder)

    assert found.message == "matrix: n=two: must be a whole number, as its default in the spec is"
    assert found.why == "with n=two"


def test_a_problem_of_several_values_names_the_first(folder: Path) -> None:
    (folder / "web.yaml").write_text("transforms: [include: '${{ site }}.yaml', include: common.yaml]\n")
    (folder / "rome.yaml").write_text(DB)
    (folder / "common.yaml").write_text("transforms: [hostnam: web]\n")
    (folder / "oslo.yaml").symlink_to("paris.yaml")
    found = told(farm("web.yaml", "db.yaml", site=["paris", "rome", "oslo"]), folder)
    whys = {each.message.rpartition("/")[2]: each.why for each in found}

    assert whys == {
        "paris.yaml: No such file or directory": "with site=paris",
        "oslo.yaml: No such file or directory": "with site=oslo",
        'there is no kind "hostnam"': "",
    }


@pytest.mark.parametrize(
    ("head", "code"), [("keep_identity: [machine-d]", "IK-SPEC-090"), ("outputs: [{format: vmdk}]", "IK-SPEC-091")]
)
def test_what_no_image_could_have_is_told_as_well(folder: Path, head: str, code: str) -> None:
    (folder / "db.yaml").write_text(f"{head}\n{DB}")
    (found,) = told(farm("db.yaml"), folder)

    assert (found.code, found.place and found.place.line) == (code, 1)


def test_a_variable_is_that_of_some_spec(folder: Path) -> None:
    crossed = farm("web.yaml", "db.yaml", site=["paris"])
    check_specs(crossed, expand(crossed, folder), Specs())

    (found,) = told(farm("web.yaml", "db.yaml", site=["paris"], sites=["rome"]), folder)
    assert (found.code, found.field, found.fix) == ("IK-FARM-022", "matrix.sites", 'did you mean "site"?')


def test_a_variable_that_was_given_for_all_jobs_is_that_of_some_spec(folder: Path) -> None:
    crossed = farm("db.yaml")
    jobs = [job.model_copy(update={"values": {"tier": "1"}}) for job in expand(crossed, folder)]
    with pytest.raises(FarmInvalid) as caught:
        check_specs(crossed, jobs, Specs())

    assert [each.message for each in caught.value.diagnostics] == ['--set tier: no spec has a variable "tier"']


def test_places_are_shown_from_the_current_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "db.yaml").write_text("transforms: [hostnam: db]\n")
    (found,) = told(farm("db.yaml"), folder)

    assert str(found.place) == "db.yaml:1:14"
