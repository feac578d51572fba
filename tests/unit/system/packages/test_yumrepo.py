from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system.packages import yumrepo
from imagekit.system.packages.repository import Repository
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from pathlib import Path


def test_a_repository_is_a_section_of_its_own_file_and_its_key_is_named() -> None:
    mine = Repository(name="epel", url="https://example.org/$releasever/$basearch")

    assert yumrepo.text_of(mine, "/etc/pki/rpm-gpg/RPM-GPG-KEY-epel") == (
        "[epel]\nname=epel\nbaseurl=https://example.org/$releasever/$basearch\nenabled=1\ngpgcheck=1\n"
        "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-epel\n"
    )


def test_only_one_that_is_trusted_goes_unchecked() -> None:
    assert "gpgcheck=0\n" in yumrepo.text_of(Repository(name="a", url="/srv/a", trusted=True), "")
    assert "baseurl=file:///srv/a\n" in yumrepo.text_of(Repository(name="a", url="/srv/a"), "")


def test_the_key_stands_beside_those_of_the_distribution(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("KEY")
    guest = MemoryGuest()
    mine = Repository(name="epel", url="https://example.org", key={"file": str(tmp_path / "k")})

    path = yumrepo.declare(guest, mine, "/etc/yum.repos.d", "x=1\n")

    assert guest.read_file(path) == b"KEY"
    assert path == "/etc/pki/rpm-gpg/RPM-GPG-KEY-epel"
    assert guest.read_file("/etc/yum.repos.d/epel.repo").endswith(b"x=1\n")


def test_a_folder_needs_no_signature() -> None:
    guest = MemoryGuest()

    yumrepo.write_alone(guest, "/f", "type=rpm-md\n")

    text = guest.read_file(f"{yumrepo.ALONE}/imagekit.repo").decode()
    assert "baseurl=file:///f\n" in text
    assert "gpgcheck=0\n" in text
    assert text.endswith("type=rpm-md\n")
