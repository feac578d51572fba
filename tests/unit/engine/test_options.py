from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.engine.options import BadKey, Options

if TYPE_CHECKING:
    from pathlib import Path


def test_without_wishes_an_appliance_has_its_usual_size_and_no_end() -> None:
    settings = Options().settings(network=True)

    assert (settings.memory, settings.cpus, settings.network, settings.until) == (1024, 1, True, None)


def test_the_caller_says_how_large_the_appliance_is() -> None:
    settings = Options(memory=2048, cpus=4).settings(network=False)

    assert (settings.memory, settings.cpus, settings.network) == (2048, 4, False)


@pytest.mark.parametrize("cold", [True, False])
def test_a_saved_appliance_is_resumed_unless_the_caller_wants_a_cold_one(*, cold: bool) -> None:
    assert Options().settings(network=False).warm
    assert Options(cold=cold).settings(network=True).warm is not cold


@pytest.mark.parametrize(("asked", "needed", "memory"), [(512, 0, 512), (512, 1500, 1500), (2048, 1500, 2048)])
def test_a_build_that_needs_more_memory_gets_it(asked: int, needed: int, memory: int) -> None:
    assert Options(memory=asked).settings(network=False, memory=needed).memory == memory


def test_the_end_of_the_build_is_counted_from_now() -> None:
    before = time.monotonic()
    until = Options(timeout=60).settings(network=False).until

    assert until is not None
    assert before + 60 <= until <= time.monotonic() + 60


def test_the_least_and_the_most_are_taken() -> None:
    assert Options(memory=256, cpus=64).network
    assert Options(cpus=1, timeout=0.1).keys == ()


@pytest.mark.parametrize("options", [{"memory": 255}, {"cpus": 0}, {"cpus": 65}, {"timeout": 0}, {"memry": 1024}])
def test_what_makes_no_sense_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)


# Keys.
@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "a=b key"
    file.write_bytes(b"pass phrase\n")
    return file


@pytest.mark.parametrize("device", ["/dev/sda2", "d93cea0c-7885-45f1-845d-f1bffa053163", "all"])
def test_a_key_is_read_from_its_file_without_the_end_of_its_line(key: Path, device: str) -> None:
    assert Options(keys=(f"{device}=file:{key}",)).read_keys() == {device: b"pass phrase"}


def test_each_device_has_its_own_key(key: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"\0\xff")
    options = Options(keys=(f"/dev/sda2=file:{key}", f"/dev/sda3=file:{tmp_path / 'other'}"))

    assert options.read_keys() == {"/dev/sda2": b"pass phrase", "/dev/sda3": b"\0\xff"}


@pytest.mark.parametrize("text", ["", "/dev/sda2", "/dev/sda2=", "/dev/sda2=pass phrase", "=file:/etc/hostname"])
def test_a_key_of_another_form_is_refused_and_its_form_told(text: str) -> None:
    with pytest.raises(BadKey) as bad:
        Options(keys=(text,)).read_keys()

    assert "DEVICE=file:PATH" in bad.value.message
    assert bad.value.exit_status == 2
    assert bad.value.message.startswith("--key /dev/sda2: " if text.startswith("/dev") and "=" in text else "--key: ")


@pytest.mark.parametrize("text", ["/dev/sda2=canary-4711", "canary-4711", "/dev/sda2=key:canary-4711"])
def test_a_passphrase_on_the_command_line_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadKey) as bad:
        Options(keys=(text,)).read_keys()

    assert "canary" not in str(bad.value) + str(bad.value.document()) + str(vars(bad.value))


def test_a_key_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="cannot read the file: No such file or directory"):
        Options(keys=(f"/dev/sda2=file:{tmp_path}/none",)).read_keys()
