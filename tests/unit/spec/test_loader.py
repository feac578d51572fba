from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Diagnostic, SpecInvalid
from imagekit.guest.facts import Facts
from imagekit.spec import Spec, load_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.catalog import Catalog

SPECS = Path(__file__).parents[3] / "fixtures" / "specs"
VALID = sorted(path.name for path in (SPECS / "valid").glob("*.yaml"))
INVALID = sorted(path.name for path in (SPECS / "invalid").glob("*.yaml"))
CANARY = "canary-4711"


@pytest.mark.parametrize("name", INVALID)
def test_a_wrong_spec_is_told_word_by_word_as_it_stands_beside_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SPECS / "invalid")
    monkeypatch.delenv("IMAGEKIT_TEST_UNSET", raising=False)

    with pytest.raises(SpecInvalid) as caught:
        load_spec(name)

    assert f"{caught.value}\n" == Path(name).with_suffix(".txt").read_text()


@pytest.mark.parametrize("name", VALID)
def test_a_right_spec_loads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SPECS / "valid")
    monkeypatch.setenv("IMAGEKIT_TEST_TOKEN", CANARY)
    spec = load_spec(name)

    assert spec.sources[0].file == name
    assert CANARY not in spec.model_dump_json() + repr(spec)


def test_several_specs_follow_each_other_and_a_later_name_wins(kinds: Catalog, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\nvars: {v: a}\ntransforms: [greeting: '${{ v }}']\noutputs: [{}]\n")
    (tmp_path / "b.yaml").write_text("name: b\nvars: {v: b}\ntransforms: [greeting: '${{ v }}']\nkeep_identity: [x]\n")
    (tmp_path / "c.yaml").write_text("transforms: [plain]\nkeep_identity: [x, y]\n")
    spec = load_spec(tmp_path / "a.yaml", str(tmp_path / "b.yaml"), tmp_path / "c.yaml", catalog=kinds)

    assert spec.name == "b"
    assert [getattr(entry.transform, "text", entry.kind_name) for entry in spec.transforms] == ["a", "b", "plain"]
    assert len(spec.outputs) == 1
    assert spec.keep_identity == ("x", "y")
    assert len(spec.sources) == 3


def test_the_name_and_outputs_of_an_included_spec_do_not_count(parse: Callable[..., Spec], tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text("name: inner\noutputs: [{format: raw}]\ntransforms: [plain]\n")
    spec = parse("transforms: [include: inner.yaml]")

    assert spec.name is None
    assert spec.outputs == ()


def test_problems_come_all_at_once_in_the_order_of_the_files(
    problems: Callable[..., tuple[Diagnostic, ...]], tmp_path: Path
) -> None:
    (tmp_path / "inner.yaml").write_text("transforms: [greting: a]\n")
    found = problems(
        "transforms:\n  - greeting: {text: a, times: 10, loud: x}\n  - include: inner.yaml\n  - nothing\nnam: a\n"
    )

    assert [str(problem.place) for problem in found] == [
        "spec.yaml:2:32",
        "spec.yaml:2:42",
        "spec.yaml:4:5",
        "spec.yaml:5:1",
        f"{tmp_path / 'inner.yaml'}:1:14",
    ]


def test_repeated_keys_do_not_hide_other_problems(problems: Callable[..., tuple[Diagnostic, ...]]) -> None:
    found = problems("name: a\nname: b\ntransforms: [greting: a]\n")

    assert [problem.code for problem in found] == ["IK-SPEC-005", "IK-SPEC-011"]


def test_a_chosen_variable_wins(parse: Callable[..., Spec]) -> None:
    spec = parse("vars: {n: 2}\ntransforms: [greeting: {text: a, times: '${{ n }}'}]", variables={"n": "3"})

    assert getattr(spec.transforms[0].transform, "times", None) == 3


def test_a_chosen_variable_need_not_be_declared(parse: Callable[..., Spec]) -> None:
    spec = parse("transforms: [greeting: '${{ who }}']", variables={"who": "me"})

    assert getattr(spec.transforms[0].transform, "text", None) == "me"


def test_a_chosen_variable_that_nothing_uses_is_told(problems: Callable[..., tuple[Diagnostic, ...]]) -> None:
    (problem,) = problems("vars: {site: paris}\ntransforms: [plain]", variables={"stie": "rome"})

    assert (problem.code, problem.fix) == ("IK-SPEC-033", 'did you mean "site"?')


def test_a_chosen_variable_need_not_be_used_if_it_is_declared(parse: Callable[..., Spec]) -> None:
    spec = parse("vars: {site: paris}\ntransforms: [plain]", variables={"site": "rome"})

    assert spec.vars == {"site": "rome"}


def test_variables_that_nothing_uses_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("transforms: [hostname: '${{ site }}']\n")

    spec = load_spec(tmp_path / "spec.yaml", variables={"site": "rome", "tier": "1"}, leave_out_unused=True)

    assert spec.vars == {"site": "rome"}


def test_a_spec_remembers_which_host_files_it_was_made_of(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "spec.yaml").write_text("transforms: [write-files: [{path: '/${{ facts.family }}', source: a}]]\n")

    spec = load_spec(tmp_path / "spec.yaml")

    assert spec.host_files == (hashlib.sha256(b"a").hexdigest(),)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., object]:
    """Return what a template holds on Debian, once a spec with these variables was loaded and resolved."""
    (tmp_path / "app.conf").write_text("${{ site }} ${{ facts.distro }}\n")
    (tmp_path / "spec.yaml").write_text(
        "vars: {site: paris}\ntransforms: [write-files: [{path: /x, template: app.conf}]]\n"
    )

    def load(**chosen: str) -> object:
        spec = load_spec(tmp_path / "spec.yaml", variables=chosen)
        return spec.transforms[0].transform.files[0].data(Facts(distro="debian"))  # type: ignore[union-attr]

    return load


def test_a_template_takes_the_variables_of_its_spec_and_the_facts_of_the_guest(
    written: Callable[..., object], tmp_path: Path
) -> None:
    assert written() == b"paris debian\n"
    assert written(site="rome") == b"rome debian\n"


def test_a_chosen_variable_that_only_a_template_asks_for_is_used(
    written: Callable[..., object], tmp_path: Path
) -> None:
    (tmp_path / "app.conf").write_text("${{ port }}")

    assert written(port="80") == b"80"


def test_a_template_of_an_included_spec_takes_the_variables_there(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "app.conf").write_text("${{ site }}")
    (tmp_path / "parts" / "inner.yaml").write_text("transforms: [write-files: [{path: /x, template: app.conf}]]\n")
    (tmp_path / "spec.yaml").write_text("transforms: [include: {file: parts/inner.yaml, vars: {site: rome}}]\n")
    (entry,) = load_spec(tmp_path / "spec.yaml").transforms

    assert entry.transform.files[0].data(Facts()) == b"rome"  # type: ignore[union-attr]


def test_a_secret_is_read_from_where_the_spec_says(
    parse: Callable[..., Spec], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGEKIT_TEST_TOKEN", CANARY)
    (tmp_path / "key").write_text("from the file\n")
    spec = parse(
        "secrets: {a: {env: IMAGEKIT_TEST_TOKEN}, b: {file: key}}\n"
        "transforms: [{greeting: {text: {secret: a}}}, {greeting: {text: {secret: b}}}]"
    )

    assert [entry.transform.text.reveal() for entry in spec.transforms] == [CANARY, "from the file"]  # type: ignore[union-attr]


def test_the_command_line_says_where_a_secret_is_declared_or_not(
    parse: Callable[..., Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGEKIT_TEST_TOKEN", CANARY)
    text = (
        "secrets: {a: {file: nothing}}\ntransforms: [{greeting: {text: {secret: a}}}, {greeting: {text: {secret: b}}}]"
    )
    spec = parse(text, secrets={"a": "env:IMAGEKIT_TEST_TOKEN", "b": "env:IMAGEKIT_TEST_TOKEN"})

    assert {entry.transform.text.reveal() for entry in spec.transforms} == {CANARY}  # type: ignore[union-attr]


def test_a_wrong_source_on_the_command_line_is_told_without_it(
    problems: Callable[..., tuple[Diagnostic, ...]],
) -> None:
    (problem,) = problems("transforms: [plain]", secrets={"a": CANARY})

    assert problem.code == "IK-SPEC-042"
    assert CANARY not in problem.render()


def test_secrets_may_be_withheld(parse: Callable[..., Spec]) -> None:
    text = "secrets: {a: {env: IMAGEKIT_TEST_UNSET}}\ntransforms: [greeting: {text: {secret: a}}]"
    spec = parse(text, withhold_secrets=True)

    assert spec.transforms[0].kind_name == "greeting"


def test_no_error_of_a_spec_ever_holds_a_secret(
    problems: Callable[..., tuple[Diagnostic, ...]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IMAGEKIT_TEST_TOKEN", CANARY)
    (tmp_path / "binary").write_bytes(b"\xff" + CANARY.encode())
    found = problems(
        "secrets: {a: {env: IMAGEKIT_TEST_TOKEN}, b: {file: binary}}\n"
        "transforms:\n"
        "  - greeting: {text: {secret: a}, times: {secret: a}, loud: {secret: a}, extra: {secret: a}}\n"
        "  - people: [{name: {secret: a}, shell: {secret: a}}]\n"
        "  - greeting: {text: {secret: b}}\n"
        "  - greeting: {text: '${{ secrets.a }}'}\n"
    )

    assert len(found) == 7
    assert CANARY not in "".join(f"{each.render()}{each.document()}" for each in found)


def test_an_invalid_spec_chains_nothing_that_holds_a_secret(
    parse: Callable[..., Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGEKIT_TEST_TOKEN", CANARY)
    with pytest.raises(SpecInvalid) as caught:
        parse("secrets: {a: {env: IMAGEKIT_TEST_TOKEN}}\ntransforms: [greeting: {text: {secret: a}, times: 0}]")

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert CANARY not in f"{caught.value}{caught.value.document()}"


def test_a_repeated_id_is_told_at_the_id(problems: Callable[..., tuple[Diagnostic, ...]]) -> None:
    (problem,) = problems("transforms:\n  - plain:\n    id: a\n  - greeting: x\n    id: a\n")

    assert (problem.code, str(problem.place)) == ("IK-SPEC-017", "spec.yaml:5:9")
