from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from imagekit.guest.facts import Facts
from imagekit.system.hosttemplate import HostTemplate, PathOrTemplate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FACTS = Facts(distro="debian")


class Holder(BaseModel):
    template: PathOrTemplate


def fill(text: str, name: str) -> Callable[[Facts], str]:
    """Stand for the loader: tell what is filled in, and with what."""
    return lambda facts: f"{text}|{name}|{facts.distro}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.conf").write_text("grüße\r\n", encoding="utf-8", newline="")
    (tmp_path / "b.conf").write_bytes(b"ab\xff")
    return tmp_path


def test_the_text_is_filled_in_when_it_is_read_and_rendered_for_a_guest(folder: Path) -> None:
    found = HostTemplate.model_validate({"file": "a.conf"}, context={"folder": folder, "fill": fill})
    (folder / "a.conf").write_text("changed")

    assert found.render(FACTS).decode() == f"grüße\r\n|{folder / 'a.conf'}|debian"


def test_its_digest_is_that_of_the_file_as_it_is_on_the_host(folder: Path) -> None:
    found = HostTemplate.model_validate({"file": "a.conf"}, context={"folder": folder, "fill": fill})

    assert found.sha256 == hashlib.sha256("grüße\r\n".encode()).hexdigest()
    assert found.model_dump() == {"file": "a.conf", "sha256": found.sha256}


def test_a_bare_path_stands_for_a_template(folder: Path) -> None:
    held = Holder.model_validate({"template": "a.conf"}, context={"folder": folder, "fill": fill})

    assert held.template.file == "a.conf"
    assert TypeAdapter(PathOrTemplate).json_schema()["anyOf"][0] == {"type": "string"}


def test_what_is_no_text_is_refused_with_a_way_out(folder: Path) -> None:
    with pytest.raises(ValidationError, match="no UTF-8 text at byte 2; take it as source"):
        HostTemplate.model_validate({"file": "b.conf"}, context={"folder": folder, "fill": fill})


def test_a_file_that_is_not_there_is_told_as_any_host_file_is(folder: Path) -> None:
    with pytest.raises(ValidationError, match=r"cannot read 'c\.conf'"):
        HostTemplate.model_validate({"file": "c.conf"}, context={"folder": folder, "fill": fill})


def test_without_a_spec_there_are_no_variables_to_fill_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)

    with pytest.raises(ValidationError, match="give content instead"):
        HostTemplate(file="a.conf")
