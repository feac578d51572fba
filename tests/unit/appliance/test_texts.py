from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.texts import files_with
from imagekit.guest.errors import VerbFailed

if TYPE_CHECKING:
    from collections.abc import Callable


def test_files_are_told_by_their_paths_in_the_guest_whatever_their_names(session: Any) -> None:
    names = b"./etc/shadow\0./srv/a b\nc\0./srv/\xff\0"
    session.answers["script"] = base64.b64encode(names).decode() + "\n"

    assert files_with(session, [b"x"]) == ("/etc/shadow", "/srv/a b\nc", "/srv/\udcff")


def test_no_file_is_no_path(session: Any) -> None:
    session.answers["script"] = "\n"

    assert files_with(session, [b"x"]) == ()


def test_texts_are_words_that_no_shell_reads(session: Any) -> None:
    session.answers["script"] = ""
    files_with(session, [b":$6$", b"a b"])
    ((_, script),) = session.calls

    assert "-e ':$6$' -e 'a b' . " in script
    assert session.deadlines == [3600.0]


def test_a_search_that_fails_is_an_error_of_the_guest(session: Any, refused: Callable[[str], Exception]) -> None:
    session.answers["script"] = refused("message length > maximum possible size")

    with pytest.raises(VerbFailed, match="maximum possible size"):
        files_with(session, [b"x"])
