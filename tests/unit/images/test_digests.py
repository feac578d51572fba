from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.images import digests as module
from imagekit.images.digests import Digests

if TYPE_CHECKING:
    from collections.abc import Callable

LATER_NS = 3_000_000_000


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each file whose bytes are read."""
    names: list[str] = []
    real = hashlib.file_digest

    def noted(opened: Any, algorithm: str) -> Any:
        names.append(os.path.basename(opened.name))  # noqa: PTH119  a name that may be no path of ours
        return real(opened, algorithm)

    monkeypatch.setattr(hashlib, "file_digest", noted)
    return names


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let some seconds pass after every write."""
    monkeypatch.setattr(module.time, "time_ns", lambda now=time.time_ns: now() + LATER_NS)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "base.img"
    path.write_bytes(b"content")
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "imagekit"


@pytest.mark.usefixtures("later")
def test_a_file_that_did_not_change_is_read_once(image: Path, cache: Path, read: list[str]) -> None:
    assert [Digests(cache).of(image) for _ in range(3)] == [sha256(b"content")] * 3
    assert read == ["base.img"]


def rewrite(image: Path) -> None:
    """Write the same number of bytes, and put the time of the last write back."""
    before = image.stat()
    image.write_bytes(b"another")
    os.utime(image, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(image: Path) -> None:
    other = image.with_name("other")
    other.write_bytes(b"another")
    os.utime(other, ns=(image.stat().st_atime_ns, image.stat().st_mtime_ns))
    other.replace(image)


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("change", [rewrite, replace])
def test_a_file_that_changed_is_read_again_though_its_time_and_size_are_the_same(
    image: Path, cache: Path, change: Callable[[Path], None]
) -> None:
    Digests(cache).of(image)
    change(image)

    assert Digests(cache).of(image) == sha256(b"another")


def test_a_file_that_changed_just_now_is_not_remembered(image: Path, cache: Path, read: list[str]) -> None:
    for _ in range(2):
        assert Digests(cache).of(image) == sha256(b"content")

    assert len(read) == 2
    assert not cache.exists()


@pytest.mark.usefixtures("later")
def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    image: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = hashlib.file_digest

    def slow(opened: Any, algorithm: str) -> Any:
        done = real(opened, algorithm)
        rewrite(image)
        return done

    monkeypatch.setattr(hashlib, "file_digest", slow)
    Digests(cache).of(image)

    assert not cache.exists()


@pytest.mark.usefixtures("later")
def test_what_is_kept_is_the_users_alone(image: Path, cache: Path) -> None:
    Digests(cache).of(image)

    assert cache.stat().st_mode & 0o777 == 0o700
    assert (cache / "digests.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in cache.iterdir()] == ["digests.json"]


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5])


def foreign(file: Path) -> None:
    file.chmod(0o666)


def linked(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def made_up(file: Path) -> None:
    kept = json.loads(file.read_text())["sha256"]
    file.write_text(json.dumps({"sha256": dict.fromkeys(kept, "0")}))


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


DAMAGES: list[Callable[[Path], Any]] = [
    truncated,
    foreign,
    linked,
    made_up,
    pipe,
    lambda file: file.write_bytes(b"\xff\0"),
    lambda file: file.write_text("[]"),
    lambda file: file.write_text("[" * 100_000),
    lambda file: file.write_text('{"sha256": {"a": 1}}'),
]


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_cache_that_is_not_as_it_was_written_is_not_believed(
    image: Path, cache: Path, read: list[str], damage: Callable[[Path], Any]
) -> None:
    Digests(cache).of(image)
    damage(cache / "digests.json")

    assert Digests(cache).of(image) == sha256(b"content")
    assert len(read) == 2


@pytest.mark.usefixtures("later")
def test_a_cache_that_cannot_be_written_is_no_failure(image: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert Digests(tmp_path / "file" / "imagekit").of(image) == sha256(b"content")


@pytest.mark.usefixtures("later")
def test_what_is_no_regular_file_is_not_remembered(cache: Path) -> None:
    assert Digests(cache).of(Path("/dev/null")) == sha256(b"")
    assert not cache.exists()


@pytest.mark.usefixtures("later")
def test_the_oldest_are_forgotten(image: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, read: list[str]) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    others = [image.with_name(name) for name in ("a", "b")]
    for path in (image, *others):
        path.write_text(path.name)
        Digests(cache).of(path)
    read.clear()
    for path in (*others, image):
        Digests(cache).of(path)

    assert read == ["base.img"]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Digests(cache).of(tmp_path / "none")
