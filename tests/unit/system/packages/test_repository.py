from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.system.packages.repository import Repository, put, put_key
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "url", ["https://example.org/$basearch", "http://x", "file:///srv/x", "/srv/x", "mirror+https://x"]
)
def test_real_urls_are_taken(url: str) -> None:
    assert Repository(name="a", url=url).url == url


@pytest.mark.parametrize("url", ["", "example.org", "https://x y", "https://x\nenabled=0", "javascript:x", "https://"])
def test_what_would_be_read_as_something_else_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        Repository(name="a", url=url)


@pytest.mark.parametrize("name", ["", "../x", "a b", "a/b", "-a", "a]\n[b"])
def test_a_name_is_that_of_a_file_and_of_a_section(name: str) -> None:
    with pytest.raises(ValidationError):
        Repository(name=name, url="https://x")


@pytest.mark.parametrize("suite", ["a\nb", "a b", ""])
def test_a_suite_is_one_word(suite: str) -> None:
    with pytest.raises(ValidationError):
        Repository(name="a", url="https://x", suites=(suite,))


def test_a_key_is_written_to_a_folder_that_is_made(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(b"-----BEGIN PGP PUBLIC KEY BLOCK-----")
    guest = MemoryGuest()
    mine = Repository(name="a", url="https://x", key={"file": str(tmp_path / "k")})

    assert put_key(guest, "/etc/keys/a", mine) == "/etc/keys/a"
    assert guest.read_file("/etc/keys/a").startswith(b"-----BEGIN")
    assert mine.key_is_text


def test_without_a_key_none_is_written() -> None:
    guest = MemoryGuest()

    assert put_key(guest, "/etc/keys/a", Repository(name="a", url="https://x")) == ""
    assert not guest.exists("/etc/keys")


def test_a_file_of_a_repository_may_be_the_first_of_its_folder() -> None:
    guest = MemoryGuest()

    put(guest, "/etc/yum.repos.d/a.repo", "x")

    assert guest.read_file("/etc/yum.repos.d/a.repo") == b"x"
