from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from imagekit.secret import Secret
from imagekit.system.fields import GuestPath, Mode, Owner, Tree, masked, revealed, text_of


class Everything(BaseModel):
    path: GuestPath = "/"
    mode: Mode = 0o644
    owner: Owner = "root"
    tree: Tree = {}


@pytest.mark.parametrize(("written", "bits"), [("0644", 0o644), ("755", 0o755), ("1777", 0o1777), ("04755", 0o4755)])
def test_a_mode_is_an_octal_string(written: str, bits: int) -> None:
    assert Everything.model_validate({"mode": written}).mode == bits


def test_a_mode_is_serialised_as_it_is_written() -> None:
    assert Everything.model_validate({"mode": "600"}).model_dump()["mode"] == "0600"


@pytest.mark.parametrize("mode", [644, 0o644, True, "0o644", "8888", "64", "rwx", None])
def test_a_mode_that_may_mean_two_things_is_refused(mode: object) -> None:
    with pytest.raises(ValidationError):
        Everything.model_validate({"mode": mode})


def test_a_guest_path_takes_its_normal_form() -> None:
    assert Everything.model_validate({"path": "//etc/./motd/"}).path == "/etc/motd"


@pytest.mark.parametrize("path", ["etc/motd", "", "/a\0b"])
def test_what_is_no_guest_path_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="absolute guest path"):
        Everything.model_validate({"path": path})


@pytest.mark.parametrize("owner", ["root", "www-data", 0, 4711, "host$"])
def test_an_owner_is_a_name_or_a_number(owner: str | int) -> None:
    assert Everything.model_validate({"owner": owner}).owner == owner


@pytest.mark.parametrize("owner", ["", "-x", "a:b", -1, 2**32, "a b"])
def test_what_is_no_owner_is_refused(owner: object) -> None:
    with pytest.raises(ValidationError):
        Everything.model_validate({"owner": owner})


def test_secrets_in_a_tree_are_revealed_masked_or_named() -> None:
    whole = Everything.model_validate({"tree": {"a": [{"b": Secret("hush", "pw")}], "c": 1}})

    assert revealed(whole.tree) == {"a": [{"b": "hush"}], "c": 1}
    assert masked(whole.tree) == {"a": [{"b": "***"}], "c": 1}
    assert whole.model_dump()["tree"] == {"a": [{"b": {"secret": "pw"}}], "c": 1}


def test_text_that_may_be_secret_is_text_in_the_end() -> None:
    assert [text_of("a"), text_of(Secret("b"))] == ["a", "b"]
