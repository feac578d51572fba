"""What the contract of guests cannot see: how many bytes go which way, and what is asked of the binding."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.look import BY_MESSAGE, Looking
from imagekit.guest.errors import GuestDiskFull, NoSuchFile, VerbFailed, WrongKind

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = {"file": stat.S_IFREG, "directory": stat.S_IFDIR, "symlink": stat.S_IFLNK, "other": stat.S_IFCHR}


@pytest.fixture
def holds(session: Any, refused: Callable[[str], Exception]) -> Callable[..., Looking]:
    """Have the guest hold these paths: a size of a file, or a kind, or ``-> target``."""

    def hold(paths: dict[str, int | str]) -> Looking:
        def lstat(path: str) -> Any:
            if path != "/" and path not in paths:
                return refused(f"lstatns: {path}: No such file or directory")
            found = paths.get(path, "directory")
            size = found if isinstance(found, int) else 0
            kind = "file" if isinstance(found, int) else "symlink" if found.startswith("->") else found
            return {"st_mode": KINDS[kind] | 0o640, "st_uid": 1, "st_gid": 2, "st_size": size}

        session.answers |= {
            "lstatns": lstat,
            "readlinklist": lambda folder, names: [str(paths[f"{folder.rstrip('/')}/{name}"])[3:] for name in names],
        }
        return Looking(session)

    return hold


def bulk(session: Any, content: bytes) -> Callable[..., None]:
    """Answer a verb by putting bytes into the host file that is its last argument."""

    def answer(*args: Any) -> None:
        Path(args[-1]).write_bytes(content)

    return answer


# Which way bytes go.
def test_a_small_file_comes_in_the_answer(session: Any, holds: Callable[..., Looking]) -> None:
    session.answers["pread"] = lambda _path, count, _offset: bytes(count)

    assert holds({"/etc": "directory", "/etc/x": BY_MESSAGE}).read_file("/etc/x") == bytes(BY_MESSAGE)
    assert session.calls[-1] == ("pread", "/etc/x", BY_MESSAGE, 0)


def test_a_file_that_comes_in_pieces_is_read_to_its_end(session: Any, holds: Callable[..., Looking]) -> None:
    session.answers["pread"] = lambda _path, _count, offset: b"abcdefg"[offset : offset + 3]

    assert holds({"/x": 7}).read_file("/x") == b"abcdefg"


def test_a_file_that_ends_before_its_size_is_read_as_far_as_it_goes(
    session: Any, holds: Callable[..., Looking]
) -> None:
    session.answers["pread"] = lambda _path, _count, offset: b"abc"[offset:]

    assert holds({"/x": 7}).read_file("/x") == b"abc"


def test_an_empty_file_is_not_read(session: Any, holds: Callable[..., Looking]) -> None:
    assert holds({"/x": 0}).read_file("/x") == b""
    assert set(session.verbs()) == {"lstatns"}


def test_a_large_file_comes_by_a_host_file_that_does_not_stay(session: Any, holds: Callable[..., Looking]) -> None:
    session.answers["download"] = bulk(session, b"abc")

    assert holds({"/x": BY_MESSAGE + 1}).read_file("/x") == b"abc"
    assert session.calls[-1] == ("download", "/x", str(session.runtime / "bulk"))
    assert list(session.runtime.iterdir()) == []


def test_a_file_that_is_too_large_to_read_is_not_asked_for(session: Any, holds: Callable[..., Looking]) -> None:
    with pytest.raises(WrongKind, match="not a file of at most 64 MiB"):
        holds({"/x": (64 << 20) + 1}).read_file("/x")

    assert set(session.verbs()) == {"lstatns"}


def test_names_that_are_no_text_come_as_surrogates(session: Any, holds: Callable[..., Looking]) -> None:
    session.answers["ls0"] = bulk(session, b"b\0\xff\0a\nb\0")

    assert holds({"/d": "directory"}).ls("/d") == ("a\nb", "b", "\udcff")
    assert list(session.runtime.iterdir()) == []


def test_what_is_below_is_named_by_the_path_that_was_asked_for(session: Any, holds: Callable[..., Looking]) -> None:
    session.answers["find0"] = bulk(session, b"b\0b/c\0")
    guest = holds({"/d": "-> e", "/e": "directory"})

    assert guest.find("/d/") == ("/d/b", "/d/b/c")
    assert session.calls[-1][:2] == ("find0", "/e")


def test_what_is_below_the_root_has_one_slash(session: Any, holds: Callable[..., Looking]) -> None:
    session.answers["find0"] = bulk(session, b"b\0b/c\0")

    assert holds({}).find("/") == ("/b", "/b/c")


# Links never reach the binding.
def test_a_verb_is_given_the_path_behind_all_links(session: Any, holds: Callable[..., Looking]) -> None:
    guest = holds({"/var": "directory", "/var/run": "-> /run", "/run": "directory", "/run/x": "-> y", "/run/y": 3})
    session.answers |= {"pread": b"abc", "checksum": "0" * 64}
    guest.pread("/var/run/x", 3, 0)
    guest.sha256("/var/run/x")

    assert session.calls[-2:] == [("pread", "/run/y", 3, 0), ("checksum", "sha256", "/run/y")]


def test_what_was_looked_at_is_not_asked_again(session: Any, holds: Callable[..., Looking]) -> None:
    guest = holds({"/lib": "-> usr/lib", "/usr": "directory", "/usr/lib": "directory", "/usr/lib/x": 1})
    for _ in range(3):
        assert guest.is_file("/lib/x")

    assert session.calls.count(("readlinklist", "/", ("lib",))) == session.calls.count(("lstatns", "/usr/lib/x")) == 1


# What is there.
def test_what_lstat_tells_is_kind_mode_owner_and_size(holds: Callable[..., Looking]) -> None:
    guest = holds({"/f": 7, "/l": "-> nowhere", "/c": "other"})

    assert [guest.lstat(path).kind for path in ("/f", "/l", "/c", "/")] == ["file", "symlink", "other", "directory"]
    found = guest.lstat("/f")
    assert (found.mode, found.uid, found.gid, found.size) == (0o640, 1, 2, 7)


def test_a_loop_of_links_exists_as_links_alone(holds: Callable[..., Looking]) -> None:
    guest = holds({"/a": "-> b", "/b": "-> a"})

    assert not guest.exists("/a")
    assert not guest.is_file("/a/x", followsymlinks=True)
    assert not guest.is_dir("/a/x")
    assert guest.is_symlink("/a")


# What the binding refuses.
@pytest.mark.parametrize("verb", ["read_file", "pread", "sha256"])
def test_a_file_that_is_not_there_is_told_by_the_callers_path(holds: Callable[..., Looking], verb: str) -> None:
    guest = holds({"/l": "-> /no/where"})
    arguments = (1, 0) if verb == "pread" else ()

    with pytest.raises(NoSuchFile) as none:
        getattr(guest, verb)("/l", *arguments)
    assert (none.value.verb, none.value.path) == (verb, "/l")


@pytest.mark.parametrize("verb", ["ls", "find"])
def test_what_is_no_directory_has_no_names(holds: Callable[..., Looking], verb: str) -> None:
    with pytest.raises(WrongKind, match="not a directory"):
        getattr(holds({"/f": 1}), verb)("/f")


def test_a_refusal_is_told_as_an_error_of_the_guest_with_the_callers_path(
    session: Any, holds: Callable[..., Looking], refused: Callable[[str], Exception]
) -> None:
    session.answers["pread"] = refused("pread: No space left on device")

    with pytest.raises(GuestDiskFull) as full:
        holds({"/d": "-> e", "/e": "directory", "/e/x": 1}).read_file("/d/x")
    assert full.value.path == "/d/x"


def test_a_refusal_to_say_what_a_path_is_is_not_taken_for_nothing_there(
    session: Any, holds: Callable[..., Looking], refused: Callable[[str], Exception]
) -> None:
    guest = holds({})
    session.answers["lstatns"] = refused("lstatns: Input/output error")

    with pytest.raises(VerbFailed, match="Input/output error"):
        guest.exists("/x")


def test_an_attribute_that_is_not_there_is_none(
    session: Any, holds: Callable[..., Looking], refused: Callable[[str], Exception]
) -> None:
    guest = holds({"/f": 1})
    session.answers["lgetxattr"] = refused("lgetxattr: No data available")

    assert guest.lgetxattr("/f", "security.selinux") is None
    with pytest.raises(NoSuchFile):
        guest.lgetxattr("/g", "security.selinux")
