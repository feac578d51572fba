from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest
from pydantic import TypeAdapter, ValidationError

from imagekit.diagnostics import Problem
from imagekit.guest.protocol import CommandResult
from imagekit.system.packages import folder
from imagekit.system.packages.apt import Apt
from imagekit.system.packages.dnf import Dnf
from imagekit.system.packages.folder import PackageFolder, PathOrPackageFolder
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def debs(tmp_path: Path) -> Path:
    (tmp_path / "debs").mkdir()
    (tmp_path / "debs" / "b_1_all.deb").write_text("b")
    (tmp_path / "debs" / "a_1_all.deb").write_text("a")
    (tmp_path / "debs" / "note.txt").write_text("no package")
    return tmp_path / "debs"


def indexing(guest: MemoryGuest) -> MemoryGuest:
    guest.answer(lambda _argv, _env: CommandResult(0, b"Filename: ./a_1_all.deb\nPackage: a\nVersion: 1\n\n"))
    return guest


def test_a_spec_names_it_by_its_path_alone_relative_to_its_own_folder(debs: Path) -> None:
    adapter: TypeAdapter[PackageFolder] = TypeAdapter(PathOrPackageFolder)

    found = adapter.validate_python("debs", context={"folder": debs.parent})

    assert found.folder == "debs"
    assert found.sha256 == {
        name: hashlib.sha256(name[:1].encode()).hexdigest() for name in ("a_1_all.deb", "b_1_all.deb")
    }


def test_each_manager_is_given_its_own_files(debs: Path) -> None:
    (debs / "c.rpm").write_text("c")
    found = PackageFolder(folder=str(debs))

    assert found.names(Apt().suffixes) == ("a_1_all.deb", "b_1_all.deb")
    assert found.names(Dnf().suffixes) == ("c.rpm",)


def test_a_folder_without_packages_or_without_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="holds no package files"):
        PackageFolder(folder=str(tmp_path))
    with pytest.raises(ValidationError, match="No such file"):
        PackageFolder(folder=str(tmp_path / "none"))


def test_only_regular_files_are_opened_for_good(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.deb")

    with pytest.raises(ValidationError, match="no regular file"):
        PackageFolder(folder=str(tmp_path))


@pytest.mark.parametrize("name", ["-x.deb", "a b.deb", "a\nb.deb", "$(x).deb"])
def test_a_name_that_a_program_could_misread_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()

    with pytest.raises(ValidationError, match="no name of a package file"):
        PackageFolder(folder=str(tmp_path))


def test_digests_that_are_given_must_hold(debs: Path) -> None:
    found = PackageFolder(folder=str(debs))

    assert PackageFolder.model_validate(found.model_dump()) == found
    (debs / "b_1_all.deb").write_text("else")
    with pytest.raises(ValidationError, match="does not hold the files"):
        PackageFolder.model_validate(found.model_dump())


def test_the_files_are_in_the_guest_for_the_block_alone(debs: Path) -> None:
    guest = indexing(MemoryGuest())

    with folder.in_guest(guest, Apt(), PackageFolder(folder=str(debs))) as found:
        during = guest.ls(folder.PLACE)

    assert found == {"a": "1"}
    assert during == ("Packages", "a_1_all.deb", "b_1_all.deb")
    assert not guest.exists(folder.PLACE)


def test_a_file_that_changed_since_is_not_taken(debs: Path) -> None:
    guest = indexing(MemoryGuest())
    found = PackageFolder(folder=str(debs))
    (debs / "a_1_all.deb").write_text("changed")

    with pytest.raises(Problem, match="changed since"), folder.in_guest(guest, Apt(), found):
        pass

    assert not guest.exists(folder.PLACE)


def test_a_folder_of_another_familys_packages_is_refused(debs: Path) -> None:
    with (
        pytest.raises(Problem, match=r"holds no \.rpm files") as caught,
        folder.in_guest(MemoryGuest(), Dnf(), PackageFolder(folder=str(debs))),
    ):
        pass

    assert caught.value.code == "IK-PKG-006"


def test_what_is_there_already_needs_no_file_in_the_guest(debs: Path) -> None:
    guest = MemoryGuest({"/var/lib/dpkg/status": "Package: a\nStatus: install ok installed\nVersion: 1\n"})

    assert not folder.install_from(guest, Apt(), PackageFolder(folder=str(debs)), ("a",))
    assert guest.commands == []


def test_what_is_missing_is_installed_from_the_folder_alone(debs: Path) -> None:
    guest = MemoryGuest({"/usr/sbin/x": ""})
    indexing(guest)
    guest.answer(lambda argv, _env: 0 if argv[0] == "apt-get" else None)

    assert folder.install_from(guest, Apt(), PackageFolder(folder=str(debs)), ("a", "libb"))
    assert guest.commands[-1].argv[-3:] == ("install", "a", "libb")
    assert not any(ran.network for ran in guest.commands)


def test_its_files_are_noted_by_whoever_keeps_a_record_of_all_that_was_read(debs: Path) -> None:
    read: list[str] = []
    found = PackageFolder.model_validate({"folder": "debs"}, context={"folder": debs.parent, "read": read})

    assert read == [f"{name} {digest}" for name, digest in found.sha256.items()]


def test_of_a_folder_whose_name_waits_for_facts_every_file_is_noted(debs: Path) -> None:
    read: list[str] = []
    with pytest.raises(ValidationError):
        PackageFolder.model_validate({"folder": "${{ facts.x }}"}, context={"folder": debs.parent, "read": read})

    assert [line.split()[1] for line in read] == ["a_1_all.deb", "b_1_all.deb", "note.txt"]
