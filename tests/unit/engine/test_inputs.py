from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine import inputs as module
from imagekit.engine.inputs import digest_of_inputs
from imagekit.engine.target import Form
from imagekit.spec import Spec, load_spec
from imagekit.transforms.hostname import Hostname

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPEC = """\
vars: {site: paris}
secrets: {key: {env: IMAGEKIT_TEST_KEY}}
transforms:
  - include: common.yaml
  - hostname: web
  - write-files: [{path: /etc/app.conf, source: app.conf}, {path: /etc/key, content: {secret: key}}]
"""
BASE = "a" * 64


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMAGEKIT_TEST_KEY", "first")
    (tmp_path / "app.conf").write_text("a")
    (tmp_path / "common.yaml").write_text("transforms: [write-files: [{path: /etc/motd, content: '${{ site }}'}]]\n")
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path


@pytest.fixture
def digest(folder: Path) -> Callable[..., str]:
    """Return the digest of the spec in the folder as it is now."""

    def make(base: str = BASE, form: Form | None = None, **more: Any) -> str:
        return digest_of_inputs(load_spec(folder / "spec.yaml", **more), base, form or Form("qcow2"))

    return make


def test_it_is_a_sha256_and_the_same_each_time(digest: Callable[..., str]) -> None:
    assert len(digest()) == 64
    assert digest() == digest()


def test_another_base_changes_it(digest: Callable[..., str]) -> None:
    assert digest() != digest(base="b" * 64)


def test_another_version_changes_it(digest: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest()
    monkeypatch.setattr(module, "imagekit_version", lambda: "99")

    assert digest() != before


@pytest.mark.parametrize("name", ["spec.yaml", "common.yaml", "app.conf"])
def test_each_file_that_goes_in_changes_it(digest: Callable[..., str], folder: Path, name: str) -> None:
    before = digest()
    with (folder / name).open("a") as opened:
        opened.write("# another line\n")

    assert digest() != before


def test_a_variable_changes_it(digest: Callable[..., str]) -> None:
    assert digest() != digest(variables={"site": "rome"})


@pytest.mark.parametrize("form", [Form("raw"), Form("qcow2", "zstd"), Form("qcow2", thin=True)])
def test_the_form_of_the_output_changes_it(digest: Callable[..., str], form: Form) -> None:
    assert digest() != digest(form=form)


def test_where_the_files_are_does_not_count(digest: Callable[..., str], folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    for name in ("app.conf", "common.yaml", "spec.yaml"):
        (other / name).write_bytes((folder / name).read_bytes())

    assert digest_of_inputs(load_spec(other / "spec.yaml"), BASE, Form("qcow2")) == digest()


def test_the_value_of_a_secret_is_not_in_it(digest: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest()
    monkeypatch.setenv("IMAGEKIT_TEST_KEY", "second")

    assert digest() == before
    assert digest(withhold_secrets=True) == before


# Steps that wait for the facts of the guest, so that their fields are not made yet.
@pytest.mark.parametrize("name", ["app.conf", "${{ facts.family }}.conf"])
def test_a_file_of_a_step_that_waits_for_facts_changes_it(digest: Callable[..., str], folder: Path, name: str) -> None:
    item = f'{{path: "/etc/${{{{ facts.family }}}}", source: "{name}"}}'
    (folder / "spec.yaml").write_text(f"transforms: [write-files: [{item}]]\n")
    (folder / "debian.conf").write_text("d")
    before = digest()
    for changed in ("app.conf", "debian.conf"):
        (folder / changed).write_text("changed")

    assert digest() != before


def test_files_that_change_places_change_it(digest: Callable[..., str], folder: Path) -> None:
    (folder / "b.conf").write_text("b")
    (folder / "spec.yaml").write_text(
        "transforms: [write-files: [{path: '/${{ facts.family }}', source: app.conf}, {path: /b, source: b.conf}]]\n"
    )
    before = digest()
    (folder / "app.conf").write_text("b")
    (folder / "b.conf").write_text("a")

    assert digest() != before


# Specs that were made in Python.
def test_the_fields_of_a_spec_made_in_python_count() -> None:
    one, two = (Spec(transforms=(Hostname(name=name),)) for name in ("web", "db"))  # type: ignore[arg-type]

    assert digest_of_inputs(one, BASE, Form("qcow2")) != digest_of_inputs(two, BASE, Form("qcow2"))
