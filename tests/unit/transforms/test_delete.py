from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.guest.journal import JournaledGuest
from imagekit.testing.memory import Dir, Link, MemoryGuest
from imagekit.transforms.delete import Delete, Kept

if TYPE_CHECKING:
    from collections.abc import Callable


def delete(guest: MemoryGuest, *paths: str) -> None:
    Delete(paths=paths).apply(guest)


@pytest.fixture
def guest() -> MemoryGuest:
    return MemoryGuest(
        {
            "/srv/a.log": "",
            "/srv/b.log": "",
            "/srv/.hidden": "",
            "/srv/folder/inner/file": "",
            "/etc/motd": "",
            "/run/x": "",
            "/var/run": Link("/run"),
        }
    )


def test_a_file_goes_and_its_neighbours_stay(guest: MemoryGuest) -> None:
    Delete(path="/srv/a.log").apply(guest)

    assert guest.ls("/srv") == (".hidden", "b.log", "folder")


def test_a_folder_goes_with_all_that_is_in_it(guest: MemoryGuest) -> None:
    delete(guest, "/srv/folder/")

    assert not guest.exists("/srv/folder")


def test_a_trailing_star_empties_a_folder_but_for_what_is_hidden_and_keeps_it(guest: MemoryGuest) -> None:
    delete(guest, "/srv/*")

    assert guest.ls("/srv") == (".hidden",)


def test_hidden_files_go_if_the_pattern_says_so(guest: MemoryGuest) -> None:
    delete(guest, "/srv/.*", "/srv/[ab].log")

    assert guest.ls("/srv") == ("folder",)


def test_what_is_not_there_is_fine(guest: MemoryGuest, snapshot: Callable[..., object]) -> None:
    before = snapshot(guest)

    delete(guest, "/none", "/none/x", "/none/*", "/etc/motd/x", "/etc/motd/*")

    assert snapshot(guest) == before


@pytest.mark.parametrize("target", ["/srv/folder", "/etc/motd", "/nowhere"])
def test_a_link_goes_itself_and_what_it_leads_to_stays(guest: MemoryGuest, target: str) -> None:
    guest.add("/opt/link", Link(target))

    delete(guest, "/opt/link")

    assert guest.ls("/opt") == ()
    assert guest.exists("/srv/folder/inner/file")
    assert guest.exists("/etc/motd")


def test_links_inside_a_folder_are_not_followed(guest: MemoryGuest) -> None:
    guest.add("/srv/folder/out", Link("/etc"))

    delete(guest, "/srv/folder")

    assert guest.exists("/etc/motd")


def test_links_among_the_parents_are_followed_inside_the_guest(guest: MemoryGuest) -> None:
    delete(guest, "/var/run/*")

    assert guest.ls("/run") == ()
    assert guest.is_symlink("/var/run")


@pytest.mark.parametrize(
    "path", ["/", "//", "/.", "/etc", "/etc/", "/usr", "/var", "/boot", "/bin", "/usr/bin", "/..", "/tmp"]
)
def test_top_folders_are_refused_before_any_image_is_there(path: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Delete(path=path)

    error = caught.value.errors()[0]["ctx"]["error"]
    assert "never deleted" in str(error)
    assert error.why
    assert error.fix
    assert error.code == "IK-DEL-001"


@pytest.mark.parametrize("pattern", ["/*", "/e*", "/opt/up/etc", "/opt/up/et?"])
def test_a_pattern_or_a_link_that_leads_to_a_top_folder_is_refused_and_nothing_of_it_goes(
    guest: MemoryGuest, snapshot: Callable[..., object], pattern: str
) -> None:
    guest.add("/a-first", "")
    guest.add("/opt/up", Link("/"))
    before = snapshot(guest)

    with pytest.raises(Problem) as caught:
        delete(guest, "/none", pattern)

    problem = caught.value
    assert (problem.field, problem.code) == ("paths[1]", "IK-DEL-001")
    assert pattern in problem.message
    assert problem.why
    assert problem.fix
    assert snapshot(guest) == before


def test_a_folder_of_the_users_own_at_the_top_is_theirs_to_delete(guest: MemoryGuest) -> None:
    guest.add("/data", Dir())

    delete(guest, "/data")

    assert not guest.exists("/data")


def test_what_goes_is_a_change_and_a_file_that_an_earlier_step_wrote_is_held_no_more(guest: MemoryGuest) -> None:
    journal = JournaledGuest(guest)
    journal.begin("write")
    journal.write("/srv/made", "x")
    journal.end()
    journal.begin("delete")

    Delete(paths=("/srv/*", "/none")).apply(journal)

    changes = journal.end()
    assert {change.path for change in changes} >= {"/srv/made", "/srv/a.log", "/srv/folder", "/srv/folder/inner/file"}
    assert all(change.after is None for change in changes)
    assert "/srv/made" not in journal.held


def test_applying_twice_changes_nothing(debian: MemoryGuest, snapshot: Callable[..., object]) -> None:
    step = Delete(paths=("/etc/motd", "/var/log/*", "/etc/ssh/ssh_host_*"))
    step.apply(debian)
    first = snapshot(debian)

    step.apply(debian)

    assert snapshot(debian) == first


def test_the_title_names_the_path_or_counts_them() -> None:
    assert Delete(path="/srv/*").title() == "delete /srv/*"
    assert Delete(paths=("/a",)).title() == "delete /a"
    assert Delete(paths=("/a", "/b")).title() == "delete 2 paths"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"path": "/a", "paths": ["/b"]},
        {"paths": []},
        {"path": "a"},
        {"path": "/a/../b"},
        {"path": "/srv/**/x"},
        {"path": "/a\0"},
    ],
)
def test_what_is_ambiguous_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Delete.model_validate(fields)


def test_the_way_out_never_leads_to_another_refusal() -> None:
    assert Kept("/etc").fix == "name what is below it, as /etc/NAME, or /etc/* to empty it"
    assert Kept("/usr").fix == "name what is below it, as /usr/NAME"
    assert Kept("/").fix == "name what is below it, as /NAME"
