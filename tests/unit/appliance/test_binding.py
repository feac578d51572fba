from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from imagekit.appliance import binding
from imagekit.appliance.binding import candidates, find_interpreter
from imagekit.appliance.errors import BindingMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    find_interpreter.cache_clear()
    yield
    find_interpreter.cache_clear()


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, ...]]:
    """Offer interpreters that are shell scripts with these last lines; None is one that is not there."""

    def offer(*lines: str | None) -> tuple[str, ...]:
        paths = tuple(tmp_path / f"python{number}" for number in range(len(lines)))
        for path, line in zip(paths, lines, strict=True):
            if line is not None:
                path.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\n{line}\n')
                path.chmod(0o755)
        names = tuple(str(path) for path in paths)
        monkeypatch.setattr(binding, "candidates", lambda: names)
        return names

    return offer


def test_the_distributions_own_python_is_asked_first_and_ours_last() -> None:
    found = candidates()

    assert (found[0], found[-1]) == ("/usr/bin/python3", sys.executable)
    assert len(set(found)) == len(found)


def test_one_that_imports_the_binding_is_found_past_those_that_do_not(offered: Callable[..., tuple[str, ...]]) -> None:
    names = offered(None, "exit 1", "kill -9 $$", "exit 0", "exit 0")

    assert find_interpreter() == names[3]


def test_it_is_asked_apart_from_the_users_own_settings(offered: Callable[..., tuple[str, ...]], tmp_path: Path) -> None:
    offered("exit 0")
    find_interpreter()
    find_interpreter()

    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 1
    assert asked[0].startswith("-I -c import guestfs")


def test_a_host_without_the_binding_is_told_who_was_asked(offered: Callable[..., tuple[str, ...]]) -> None:
    names = offered("exit 1", None)

    with pytest.raises(BindingMissing) as missing:
        find_interpreter()
    assert missing.value.tried == names
    assert "python3-guestfs" in missing.value.fix


def test_a_binding_that_is_installed_meanwhile_is_found(offered: Callable[..., tuple[str, ...]]) -> None:
    offered("exit 1")
    with pytest.raises(BindingMissing):
        find_interpreter()
    (name,) = offered("exit 0")

    assert find_interpreter() == name
