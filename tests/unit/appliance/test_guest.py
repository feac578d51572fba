"""What the contract of guests cannot see: how bytes get in, what is remembered of links, and who has the network."""

from __future__ import annotations

import base64
import shlex
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.errors import NetworkForbidden
from imagekit.appliance.guest import ApplianceGuest
from imagekit.appliance.look import BY_MESSAGE
from imagekit.guest.errors import GuestDiskFull, NoSuchFile, VerbFailed, WrongKind

if TYPE_CHECKING:
    from collections.abc import Callable

DONE = f"{base64.b64encode(b'ok').decode()}\n0\nran\n"


class Paths(dict[str, Any]):
    """What is in the guest: path -> bytes of a file, None for a directory, text for a link's target."""

    def lstat(self, path: str, refused: Callable[[str], Exception]) -> Any:
        if path != "/" and path not in self:
            return refused(f"lstatns: {path}: No such file or directory")
        found = self.get(path)
        kind = stat.S_IFDIR if found is None else stat.S_IFLNK if isinstance(found, str) else stat.S_IFREG
        return {"st_mode": kind | 0o644, "st_uid": 0, "st_gid": 0, "st_size": len(found or "")}


@pytest.fixture
def paths(session: Any, refused: Callable[[str], Exception]) -> Paths:
    held = Paths({"/etc": None, "/etc/motd": b"hello"})
    session.answers |= {
        "lstatns": lambda path: held.lstat(path, refused),
        "readlinklist": lambda folder, names: [held[f"{folder.rstrip('/')}/{name}"] for name in names],
        "script": DONE,
        **dict.fromkeys(["write", "write_append", "rm_f", "rm_rf", "sync", "pwrite", "mkdir_p", "ln_s", "tar_in"]),
    }
    return held


@pytest.fixture
def guest(session: Any, paths: Paths) -> ApplianceGuest:
    return ApplianceGuest(session)


# How bytes get in.
@pytest.mark.parametrize("content", [b"x" * BY_MESSAGE, "text", b""])
def test_a_small_content_goes_with_the_message(session: Any, guest: ApplianceGuest, content: bytes | str) -> None:
    guest.write("/etc/motd", content)

    assert session.calls[-1] == ("write", "/etc/motd", content.encode() if isinstance(content, str) else content)


def test_a_large_content_goes_by_a_private_file_that_does_not_stay(session: Any, guest: ApplianceGuest) -> None:
    content = b"x" * (BY_MESSAGE + 1)
    seen = []

    def upload(filename: str, path: str) -> None:
        file = Path(filename)
        seen.append((path, file.read_bytes() == content, file.stat().st_mode & 0o777))

    session.answers["upload"] = upload
    guest.write("/etc/motd", content)

    assert seen == [("/etc/motd", True, 0o600)]
    assert list(session.runtime.iterdir()) == []


def test_a_large_content_leaves_no_file_when_it_is_refused(
    session: Any, guest: ApplianceGuest, refused: Callable[[str], Exception]
) -> None:
    session.answers["upload"] = refused("upload: No space left on device")

    with pytest.raises(GuestDiskFull) as full:
        guest.write("/etc/motd", b"x" * (BY_MESSAGE + 1))
    assert full.value.path == "/etc/motd"
    assert list(session.runtime.iterdir()) == []


@pytest.mark.parametrize(("free", "error"), [(1, GuestDiskFull), (1 << 20, VerbFailed)])
def test_an_upload_that_fails_for_no_reason_given_found_the_disk_full_if_it_is(
    session: Any, guest: ApplianceGuest, refused: Callable[[str], Exception], free: int, error: type[Exception]
) -> None:
    session.answers |= {
        "upload": refused("upload: write error: /etc/motd"),
        "statvfs": {"bfree": free, "frsize": 4096},
    }

    with pytest.raises(error):
        guest.write("/etc/motd", b"x" * (BY_MESSAGE + 1))
    assert ("statvfs", "/etc") in session.calls


def test_a_large_addition_goes_in_pieces(session: Any, guest: ApplianceGuest) -> None:
    guest.write_append("/etc/motd", b"a" * BY_MESSAGE + b"b")

    pieces = [call[2] for call in session.calls if call[0] == "write_append"]
    assert pieces == [b"a" * BY_MESSAGE, b"b"]


def test_an_empty_addition_makes_the_file(session: Any, guest: ApplianceGuest) -> None:
    guest.write_append("/etc/new", b"")

    assert session.calls[-1] == ("write_append", "/etc/new", b"")


def test_a_file_below_no_directory_is_refused_before_the_binding_is_asked(session: Any, guest: ApplianceGuest) -> None:
    with pytest.raises(NoSuchFile):
        guest.write("/no/x", b"")
    with pytest.raises(WrongKind):
        guest.write("/etc/motd/x", b"")
    with pytest.raises(WrongKind):
        guest.write("/etc", b"")

    assert set(session.verbs()) == {"lstatns"}


# Erasing.
def test_what_is_erased_is_overwritten_flushed_and_only_then_removed(
    session: Any, guest: ApplianceGuest, paths: Paths
) -> None:
    paths["/etc/key"] = b"k" * (BY_MESSAGE + 3)
    guest.erase("/etc/key")

    assert [call for call in session.calls if call[0] not in ("lstatns", "readlink")] == [
        ("pwrite", "/etc/key", bytes(BY_MESSAGE), 0),
        ("pwrite", "/etc/key", bytes(3), BY_MESSAGE),
        ("script", "sync"),
        ("rm_f", "/etc/key"),
    ]


def test_what_is_erased_together_is_flushed_once(session: Any, guest: ApplianceGuest, paths: Paths) -> None:
    paths |= {"/etc/a": b"a", "/etc/b": b"b"}
    guest.erase("/etc/a", "/etc/b")

    assert [verb for verb in session.verbs() if verb != "lstatns"] == ["pwrite", "pwrite", "script", "rm_f", "rm_f"]


def test_what_is_emptied_is_overwritten_and_flushed_first(session: Any, guest: ApplianceGuest, paths: Paths) -> None:
    paths |= {"/etc/a": b"ab", "/etc/b": b""}
    session.answers["truncate"] = None
    guest.truncate("/etc/a", "/etc/b")

    assert [call for call in session.calls if call[0] != "lstatns"] == [
        ("pwrite", "/etc/a", bytes(2), 0),
        ("script", "sync"),
        ("truncate", "/etc/a"),
        ("truncate", "/etc/b"),
    ]


def test_what_is_empty_has_nothing_to_be_flushed(session: Any, guest: ApplianceGuest, paths: Paths) -> None:
    paths["/etc/a"] = b""
    guest.erase("/etc/a")

    assert [verb for verb in session.verbs() if verb != "lstatns"] == ["rm_f"]


def test_a_removal_that_removes_nothing_is_no_success(session: Any, guest: ApplianceGuest) -> None:
    with pytest.raises(WrongKind, match="not a path that can be removed"):
        guest.rm_rf("/etc")

    assert ("rm_rf", "/etc") in session.calls


# What is remembered of links.
def renamed(paths: Paths, old: str, new: str) -> Callable[..., str]:
    """Answer a program that makes ``old`` a link to ``new``."""

    def run(text: str) -> str:
        if "unshare" in text:
            paths[old] = new
        return DONE

    return run


def test_what_a_program_made_of_a_path_is_seen_afterwards(session: Any, guest: ApplianceGuest, paths: Paths) -> None:
    paths |= {"/etc/resolv.conf": b"", "/run": None, "/run/resolv.conf": b""}
    assert guest.realpath("/etc/resolv.conf") == "/etc/resolv.conf"
    session.answers["script"] = renamed(paths, "/etc/resolv.conf", "/run/resolv.conf")
    guest.command(["/usr/bin/install-resolved"])

    assert guest.realpath("/etc/resolv.conf") == "/run/resolv.conf"


def test_a_program_that_fails_may_have_made_links_too(
    session: Any, guest: ApplianceGuest, paths: Paths, refused: Callable[[str], Exception]
) -> None:
    paths |= {"/etc/resolv.conf": b"", "/run": None, "/run/x": b""}

    def run(_: str) -> Exception:
        paths["/etc/resolv.conf"] = "/run/x"
        return refused("debug: failed")

    session.answers["script"] = run
    with pytest.raises(VerbFailed):
        guest.command(["x"])

    assert guest.realpath("/etc/resolv.conf") == "/run/x"


# Programs and the network.
def test_a_program_that_wants_the_network_is_refused_where_there_is_no_card(
    session: Any, guest: ApplianceGuest
) -> None:
    with pytest.raises(NetworkForbidden) as forbidden:
        guest.command(["/usr/bin/apt-get", "update"], network=True)

    assert forbidden.value.program == "/usr/bin/apt-get"
    assert session.calls == []


def test_no_program_is_no_command_with_or_without_network(session: Any, guest: ApplianceGuest) -> None:
    session.network = True
    for network in (True, False):
        with pytest.raises(VerbFailed, match="no program is named"):
            guest.command([], network=network)


def script_of(session: Any) -> set[str]:
    text = next(call[1] for call in session.calls if call[0] == "script" and "unshare" in call[1])
    return set(shlex.split(text.replace("'", " ")))


def test_the_proxy_is_told_only_to_programs_that_use_the_network(session: Any, paths: Paths) -> None:
    session.network = True
    guest = ApplianceGuest(session, proxy="http://proxy:3128")
    guest.command(["x"])
    without = script_of(session)
    session.calls.clear()
    guest.command(["x"], network=True)

    proxies = {"http_proxy=http://proxy:3128", "https_proxy=http://proxy:3128"}
    assert not proxies & without
    assert proxies <= script_of(session)


def test_a_step_may_name_a_proxy_of_its_own(session: Any, paths: Paths) -> None:
    session.network = True
    ApplianceGuest(session, proxy="http://proxy").command(["x"], network=True, env={"http_proxy": "http://mine"})

    assert {"http_proxy=http://mine", "https_proxy=http://proxy"} <= script_of(session)


def test_names_are_resolved_where_the_guests_own_link_leads(session: Any, paths: Paths) -> None:
    session.network = True
    paths |= {"/etc/resolv.conf": "../run/systemd/resolve/stub-resolv.conf", "/run": None}
    ApplianceGuest(session).command(["x"], network=True)

    assert "/sysroot/run/systemd/resolve/stub-resolv.conf" in script_of(session)


# Attributes.
def test_an_attribute_may_hold_any_bytes(session: Any, guest: ApplianceGuest) -> None:
    guest.setxattr("/etc/motd", "security.capability", b"\0\xff")

    (_, text) = session.calls[-1]
    assert shlex.split(text) == [
        *("setfattr", "-h", "-n", "security.capability", "-v", "0sAP8=", "--", "/sysroot/etc/motd"),
    ]


def test_an_attribute_of_a_path_that_is_a_trap_for_a_shell_is_set(
    session: Any, guest: ApplianceGuest, paths: Paths
) -> None:
    paths["/etc/it's $x"] = b""
    guest.setxattr("/etc/it's $x", "user.a b", b"")

    assert shlex.split(session.calls[-1][1]) == ["setfattr", "-h", "-n", "user.a b", "--", "/sysroot/etc/it's $x"]


def test_an_attribute_that_is_refused_is_an_error_of_the_guest(
    session: Any, guest: ApplianceGuest, refused: Callable[[str], Exception]
) -> None:
    session.answers["script"] = refused("debug: sh: setfattr: Operation not supported")

    with pytest.raises(VerbFailed, match="not supported"):
        guest.setxattr("/etc/motd", "user.x", b"")


# Archives.
def test_an_archive_goes_to_where_the_directory_really_is(
    session: Any, guest: ApplianceGuest, paths: Paths, tmp_path: Path
) -> None:
    paths |= {"/srv": "etc", "/with\nbreak": None}
    guest.tar_in(tmp_path / "x.tar", "/srv")

    assert session.calls[-1] == ("tar_in", str(tmp_path / "x.tar"), "/etc")
    assert session.options[-1] == {"xattrs": True}
    with pytest.raises(VerbFailed, match="line break"):
        guest.tar_in(tmp_path / "x.tar", "/with\nbreak")
    with pytest.raises(WrongKind):
        guest.tar_in(tmp_path / "x.tar", "/etc/motd")


def test_facts_are_read_once(session: Any, guest: ApplianceGuest, refused: Callable[[str], Exception]) -> None:
    session.answers["glob_expand"] = []
    first = guest.facts
    asked = len(session.calls)

    assert guest.facts is first
    assert len(session.calls) == asked
