from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.errors import InPlaceRefused, OutputsUnsupported
from imagekit.engine.target import Form, Target, Wish, decide, decide_form
from imagekit.images.flatten import CompressionRefused
from imagekit.spec import Spec

if TYPE_CHECKING:
    from imagekit.images.info import ImageInfo


@pytest.fixture
def decided(base: ImageInfo):
    """Decide for a base by some name and format, and a spec's own wishes."""

    def run(name: str = "base.qcow2", kind: str = "qcow2", spec: dict[str, Any] | None = None, **wish: Any) -> Target:
        info = base.model_copy(update={"format": kind})
        return decide(Wish(**wish), Path("images") / name, info, Spec.model_validate(spec or {}))

    return run


# The name.
@pytest.mark.parametrize(
    ("name", "kind", "spec", "wish", "path"),
    [
        ("base.qcow2", "qcow2", {}, {}, "base.customized.qcow2"),
        ("base.qcow2", "qcow2", {"name": "web"}, {}, "base.web.qcow2"),
        ("base.img", "raw", {"name": "web"}, {}, "base.web.img"),
        ("base", "raw", {}, {}, "base.customized.raw"),
        ("debian-12.1.qcow2", "qcow2", {}, {}, "debian-12.1.customized.qcow2"),
        ("base.img", "raw", {}, {"format": "qcow2"}, "base.customized.qcow2"),
        ("base.qcow2", "qcow2", {"outputs": [{"format": "raw"}]}, {}, "base.customized.raw"),
        ("base.qcow2", "qcow2", {"name": "web"}, {"output": "/srv/x.img"}, "/srv/x.img"),
        ("base.qcow2", "qcow2", {}, {"output": Path("x")}, "x"),
    ],
)
def test_the_output_is_named_in_the_current_folder_unless_the_caller_says(
    decided: Any, name: str, kind: str, spec: dict[str, Any], wish: dict[str, Any], path: str
) -> None:
    assert decided(name, kind, spec, **wish).path == Path(path)


# Format and compression: the caller, the spec, the base.
@pytest.mark.parametrize(
    ("kind", "outputs", "wish", "result"),
    [
        ("qcow2", [], {}, ("qcow2", "none")),
        ("raw", [], {}, ("raw", "none")),
        ("raw", [{"format": "qcow2", "compression": "zstd"}], {}, ("qcow2", "zstd")),
        ("raw", [], {"format": "qcow2", "compress": "zlib"}, ("qcow2", "zlib")),
        ("qcow2", [{"format": "qcow2", "compression": "zstd"}], {"compress": "none"}, ("qcow2", "none")),
        ("qcow2", [{"format": "qcow2", "compression": "zstd"}], {"format": "raw"}, ("raw", "none")),
    ],
)
def test_the_caller_comes_before_the_spec_and_the_spec_before_the_base(
    decided: Any, kind: str, outputs: list[dict[str, str]], wish: dict[str, Any], result: tuple[str, str]
) -> None:
    target = decided(kind=kind, spec={"outputs": outputs}, **wish)

    assert (target.format, target.compression) == result


# What cannot be made is refused before anything is done.
@pytest.mark.parametrize("outputs", [[{"format": "vmdk"}], [{"format": "qcow2"}, {"format": "raw"}]])
def test_outputs_that_cannot_be_made_yet_are_refused(decided: Any, outputs: list[dict[str, str]]) -> None:
    with pytest.raises(OutputsUnsupported):
        decided(spec={"outputs": outputs})


@pytest.mark.parametrize("wish", [{"compress": "zstd"}, {"thin": True}])
def test_a_raw_output_is_neither_compressed_nor_thin(decided: Any, wish: dict[str, Any]) -> None:
    with pytest.raises(CompressionRefused):
        decided(format="raw", **wish)


@pytest.mark.parametrize("wish", [{"thin": True}, {"output": "x"}, {"format": "raw"}])
def test_what_cannot_stand_in_the_place_of_the_base_is_refused(decided: Any, wish: dict[str, Any]) -> None:
    with pytest.raises(InPlaceRefused):
        decided(in_place=True, **wish)


def test_the_spec_may_not_turn_a_base_into_another_format_under_its_old_name(decided: Any) -> None:
    with pytest.raises(InPlaceRefused):
        decided(in_place=True, spec={"outputs": [{"format": "raw"}]})


def test_in_place_the_output_is_the_base_itself(decided: Any, base: ImageInfo) -> None:
    target = decided(in_place=True, compress="zstd")

    assert (target.path, target.format, target.compression) == (base.path, "qcow2", "zstd")


# The form alone, for those who have no image open.
def test_the_form_of_a_target_is_what_was_decided_for_it(decided: Any) -> None:
    spec = {"outputs": [{"format": "qcow2", "compression": "zstd"}]}
    target = decided(spec=spec, thin=True)

    assert target.form == Form("qcow2", "zstd", thin=True)
    assert decide_form(Wish(thin=True), "raw", Spec.model_validate(spec)) == target.form
