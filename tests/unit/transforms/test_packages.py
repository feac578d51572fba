from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.guest.facts import Facts
from imagekit.guest.protocol import CommandResult
from imagekit.system.packages.repository import Repository
from imagekit.system.shell import CommandFailed
from imagekit.transforms.packages import Packages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imagekit.testing.memory import MemoryGuest

STATUS = "/var/lib/dpkg/status"


def answer_as_apt(guest: MemoryGuest) -> None:
    """Have the guest's apt-get write dpkg's status file as the real one would."""

    def apt_get(argv: tuple[str, ...], _env: Mapping[str, str]) -> int | None:
        if argv[0] != "apt-get":
            return None
        verb, *names = [word for word in argv[1:] if not word.startswith("-") and "::" not in word and "=/" not in word]
        if verb == "install":
            for name in names:
                guest.write_append(
                    STATUS, f"\nPackage: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"
                )
        if verb == "remove":
            kept = guest.read_file(STATUS).decode().split("\n\n")
            guest.write(STATUS, "\n\n".join(part for part in kept if part.split()[1] not in names))
        return 0

    guest.answer(apt_get)


def verbs(guest: MemoryGuest) -> list[str]:
    return [
        next(w for w in ran.argv if w in {"update", "install", "remove", "upgrade", "hold"}) for ran in guest.commands
    ]


def test_what_is_missing_is_installed_under_its_name_in_this_family(debian: MemoryGuest) -> None:
    answer_as_apt(debian)

    Packages(install=({"debian": "apache2", "rhel": "httpd"}, "nginx")).apply(debian)

    assert verbs(debian) == ["update", "install"]
    assert debian.commands[1].argv[-2:] == ("apache2", "nginx")
    assert all(ran.network for ran in debian.commands)


def test_a_distributions_own_name_wins_and_null_needs_none(ubuntu: MemoryGuest) -> None:
    answer_as_apt(ubuntu)

    Packages(install=({"ubuntu": None, "debian": "a"}, {"ubuntu": "b", "debian": "c"})).apply(ubuntu)

    assert ubuntu.commands[1].argv[-2:] == ("install", "b")


def test_nothing_runs_if_all_is_as_declared(debian: MemoryGuest) -> None:
    Packages(install=("base-files", "base-files=12"), remove=("popularity-contest",)).apply(debian)

    assert debian.commands == []


def test_removing_needs_no_network_and_passes_over_what_is_not_there(debian: MemoryGuest) -> None:
    answer_as_apt(debian)

    step = Packages(remove=("base-files", "nano"))
    step.apply(debian)

    assert verbs(debian) == ["remove"]
    assert debian.commands[0].argv[-1] == "base-files"
    assert not debian.commands[0].network
    assert not step.needs_network


def test_applying_twice_changes_nothing(debian: MemoryGuest, snapshot) -> None:
    answer_as_apt(debian)
    step = Packages(install=("nginx",), remove=("base-files",))
    step.apply(debian)
    first, ran = snapshot(debian), len(debian.commands)

    step.apply(debian)

    assert snapshot(debian) == first
    assert len(debian.commands) == ran


def test_alpine_is_served_by_apk(alpine: MemoryGuest) -> None:
    alpine.add("/lib/apk/db/installed", "P:musl\nV:1.2-r0\n\n")
    alpine.answer(lambda argv, _env: alpine.write_append("/lib/apk/db/installed", f"P:{argv[-1]}\nV:1-r0\n\n") or 0)
    step = Packages(install=("nginx", "musl"))

    step.apply(alpine)
    step.apply(alpine)

    assert [ran.argv[-2:] for ran in alpine.commands] == [("add", "nginx")]


def test_what_was_asked_for_must_be_there_at_the_end(debian: MemoryGuest) -> None:
    debian.answer(lambda _argv, _env: 0)

    with pytest.raises(Problem) as caught:
        Packages(install=({"debian": None}, "nginx")).apply(debian)

    assert caught.value.field == "install[1]"


def test_a_failure_of_the_package_manager_is_told_by_its_verb(debian: MemoryGuest) -> None:
    debian.answer(lambda argv, _env: 100 if "install" in argv else 0)

    with pytest.raises(CommandFailed, match="apt-get install ended with status 100"):
        Packages(install=("nginx",)).apply(debian)


def test_an_update_comes_first_and_makes_the_step_volatile(debian: MemoryGuest) -> None:
    answer_as_apt(debian)
    step = Packages(update=True, install=("nginx",))

    step.apply(debian)

    assert verbs(debian) == ["update", "upgrade", "update", "install"]
    assert step.volatile


def test_only_what_is_not_held_yet_is_held(debian: MemoryGuest) -> None:
    debian.answer(lambda argv, _env: 0 if argv[0] == "apt-mark" else None)
    debian.write_append(STATUS, "\nPackage: held\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 1\n")

    Packages(hold=("held", "base-files")).apply(debian)

    assert [ran.argv[-1] for ran in debian.commands] == ["base-files"]


def test_holding_what_is_not_installed_is_refused(debian: MemoryGuest) -> None:
    with pytest.raises(Problem) as caught:
        Packages(hold=("nginx",)).apply(debian)

    assert caught.value.field == "hold[0]"


def test_a_guest_without_a_manager_that_is_known_is_refused() -> None:
    problems = list(Packages(install=("nginx",)).check(Facts(name="Slackware 15.0")))

    assert [problem.code for problem in problems] == ["IK-PKG-001"]
    assert "Slackware 15.0" in problems[0].why


def test_an_entry_without_a_name_here_is_found_before_anything_runs(alpine: MemoryGuest) -> None:
    problems = list(Packages(install=("a", {"debian": "b"})).check(alpine.facts))

    assert [problem.field for problem in problems] == ["install[1]"]


@pytest.mark.parametrize("name", ["", "-y", "nginx-", "a b", "a;b", "../x.deb", "a=", "nginx/../x"])
def test_what_a_package_manager_would_read_as_something_else_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Packages(install=(name,))


@pytest.mark.parametrize("name", ["g++", "libc6:i386", "nginx=1.22.1-9+deb12u1", "python3.11", "NetworkManager"])
def test_real_names_are_taken(name: str) -> None:
    assert Packages(install=(name,)).install == (name,)


def test_a_step_that_does_nothing_is_refused() -> None:
    with pytest.raises(ValidationError):
        Packages()


RPMS = "demo\t0\t1.0\t1\tnoarch\n"


@pytest.mark.parametrize(
    ("name", "install", "remove"),
    [
        ("debian", ("apt-get", "install"), ("apt-get", "remove")),
        ("ubuntu", ("apt-get", "install"), ("apt-get", "remove")),
        ("fedora", ("dnf5", "install"), ("dnf5", "remove")),
        ("rocky", ("dnf", "install"), ("dnf", "remove")),
        ("opensuse", ("zypper", "install"), ("zypper", "remove")),
        ("arch", ("pacman", "-Sy"), ("pacman", "-Rc")),
        ("alpine", ("apk", "add"), ("apk", "del")),
    ],
)
def test_every_family_is_served_by_its_own_manager(
    request, name: str, install: tuple[str, str], remove: tuple[str, str]
) -> None:
    guest: MemoryGuest = request.getfixturevalue(name)
    there: list[str] = []
    written = {
        "debian": (STATUS, "\nPackage: demo\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n"),
        "arch": ("/var/lib/pacman/local/demo-1-1/desc", "%NAME%\ndemo\n\n%VERSION%\n1-1\n"),
        "alpine": ("/lib/apk/db/installed", "P:demo\nV:1-r0\n\n"),
    }
    path, text = written.get("debian" if name == "ubuntu" else name, ("", ""))
    kept = guest.read_file(path).decode() if path and guest.exists(path) else ""

    def run(argv: tuple[str, ...], _env: Mapping[str, str]) -> CommandResult:
        if set(install) <= set(argv):
            there.append("demo")
        elif set(remove) <= set(argv):
            there.clear()
        elif argv[0] == "/bin/sh":
            return CommandResult(0, RPMS.encode() if there else b"")
        if path:
            guest.add(path, kept + (text if there else ""))
        return CommandResult(0, b"")

    guest.answer(run)

    Packages(install=("demo",)).apply(guest)
    installed = bool(there)
    Packages(install=("demo",)).apply(guest)
    Packages(remove=("demo",)).apply(guest)
    Packages(remove=("demo",)).apply(guest)

    words = [word for ran in guest.commands for word in ran.argv if word in {install[1], remove[1]}]
    assert installed
    assert words == [install[1], remove[1]]


def test_what_others_need_is_not_said_to_be_removed(alpine: MemoryGuest) -> None:
    alpine.add("/lib/apk/db/installed", "P:musl\nV:1.2-r0\n\n")
    alpine.answer(lambda _argv, _env: 0)

    with pytest.raises(Problem) as caught:
        Packages(remove=("musl",)).apply(alpine)

    assert (caught.value.field, caught.value.code) == ("remove", "IK-PKG-004")


def test_a_name_that_is_only_provided_is_not_removed(debian: MemoryGuest) -> None:
    debian.write_append(
        STATUS, "\nPackage: exim\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nProvides: mta\n"
    )

    Packages(remove=("mta",)).apply(debian)

    assert debian.commands == []


def test_what_nothing_needs_is_looked_for_only_if_asked(debian: MemoryGuest) -> None:
    answer_as_apt(debian)

    Packages(autoremove=True).apply(debian)

    assert [ran.argv[-1] for ran in debian.commands] == ["autoremove"]


def test_repositories_come_first_and_are_written_as_declared(debian: MemoryGuest) -> None:
    seen = []
    answer_as_apt(debian)
    debian.answer(lambda _argv, _env: seen.append(debian.exists("/etc/apt/sources.list.d/mine.sources")))
    step = Packages(
        repositories=(Repository(name="mine", url="https://example.org", suites=("stable",), components=("main",)),),
        install=("nginx",),
    )

    step.apply(debian)

    assert seen
    assert all(seen)
    assert b"URIs: https://example.org\n" in debian.read_file("/etc/apt/sources.list.d/mine.sources")


def test_a_repository_alone_is_a_step_that_runs_nothing(debian: MemoryGuest, snapshot) -> None:
    step = Packages(repositories=(Repository(name="mine", url="https://example.org", suites=("./",), trusted=True),))

    step.apply(debian)
    first = snapshot(debian)
    step.apply(debian)

    assert snapshot(debian) == first
    assert debian.commands == []
    assert not step.needs_network


def test_a_repository_that_does_not_fit_is_a_problem_at_its_own_field(debian: MemoryGuest) -> None:
    with pytest.raises(Problem) as caught:
        Packages(repositories=(Repository(name="mine", url="https://example.org"),)).apply(debian)

    assert caught.value.field == "repositories[0].suites"


@pytest.fixture
def debs(tmp_path: Path) -> Path:
    (tmp_path / "demo_1_all.deb").write_text("demo")
    return tmp_path


def answer_as_dpkg_deb(guest: MemoryGuest) -> None:
    said = CommandResult(0, b"Filename: ./demo_1_all.deb\nPackage: demo\nVersion: 1\n\n")
    guest.answer(lambda argv, _env: said if argv[0] == "/bin/sh" else None)


def test_from_a_folder_nothing_reaches_the_network_and_no_file_stays(debian: MemoryGuest, debs: Path, snapshot) -> None:
    answer_as_apt(debian)
    answer_as_dpkg_deb(debian)
    step = Packages.model_validate({"install": ["demo"], "from": str(debs)})

    step.apply(debian)
    first, ran = snapshot(debian), len(debian.commands)
    step.apply(debian)

    assert not step.needs_network
    assert not any(ran.network for ran in debian.commands)
    assert not debian.exists("/var/cache/imagekit-folder")
    assert (snapshot(debian), len(debian.commands)) == (first, ran)


def test_without_names_all_of_a_folder_is_installed_at_its_version(debian: MemoryGuest, debs: Path) -> None:
    debian.answer(lambda argv, _env: 0 if argv[0] == "apt-get" else None)
    answer_as_dpkg_deb(debian)

    Packages.model_validate({"from": str(debs)}).apply(debian)

    assert debian.commands[-1].argv[-2:] == ("install", "demo=1")


def test_a_folder_of_another_family_is_found_before_anything_runs(rocky: MemoryGuest, debs: Path) -> None:
    problems = list(Packages.model_validate({"from": str(debs)}).check(rocky.facts))

    assert [(problem.field, problem.code) for problem in problems] == [("from", "IK-PKG-006")]


def test_a_step_with_a_folder_is_written_as_a_spec_has_it(debs: Path) -> None:
    step = Packages.model_validate({"install": ["demo"], "from": str(debs)})

    document = step.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)

    assert document["from"]["folder"] == str(debs)
    assert Packages.model_validate(document) == step
    assert step.title() == "packages install demo"
    assert Packages.model_validate({"from": str(debs)}).title() == f"packages install all of {debs}"


def test_an_update_needs_the_network_that_a_folder_does_without(debs: Path) -> None:
    with pytest.raises(ValidationError, match="two steps"):
        Packages.model_validate({"update": True, "from": str(debs)})
