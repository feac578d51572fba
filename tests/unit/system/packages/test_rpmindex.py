from __future__ import annotations

import gzip
import hashlib
from xml.etree import ElementTree as ET

from imagekit.guest.protocol import CommandResult
from imagekit.system.packages import rpmindex
from imagekit.testing.memory import MemoryGuest

SAID = """\
P\tdemo\t1\t2.0\t1.el9\tnoarch\t12
p\tdemo\t8\t1:2.0-1.el9
r\tlibdemo\t12\t1.0
r\t/bin/sh\t0\t
r\trpmlib(CompressedFileNames)\t16777226\t3.0.4-1
r\t(a if b)\t0\t
c\t(none)\t(none)\t(none)
o\told<demo\t2\t3-1
f\t/usr/bin/demo
P\tlibdemo\t0\t1.0\t1\tx86_64\t0
p\tlibdemo(x86-64)\t8\t1.0-1
"""
COMMON = "{http://linux.duke.edu/metadata/common}"
RPM = "{http://linux.duke.edu/metadata/rpm}"
REPO = "{http://linux.duke.edu/metadata/repo}"


def indexed() -> MemoryGuest:
    guest = MemoryGuest({"/f/demo-2.0-1.noarch.rpm": "demo", "/f/libdemo-1.0-1.x86_64.rpm": "lib", "/f/note": ""})
    guest.answer(lambda _argv, _env: CommandResult(0, SAID.encode()))
    assert rpmindex.write(guest, "/f") == {"demo": "1:2.0-1.el9", "libdemo": "0:1.0-1"}
    return guest


def packages(guest: MemoryGuest) -> list[ET.Element]:
    root = ET.fromstring(gzip.decompress(guest.read_file("/f/repodata/primary.xml.gz")))
    assert root.get("packages") == "2"
    return root.findall(f"{COMMON}package")


def test_rpm_is_asked_once_for_all_files_and_checks_no_signature() -> None:
    guest = indexed()

    assert len(guest.commands) == 1
    assert guest.commands[0].argv[-1] == "/f"
    assert "--nosignature --nodigest" in guest.commands[0].argv[2]


def test_each_package_has_its_file_its_digest_and_its_version() -> None:
    first, second = packages(indexed())

    assert first.find(f"{COMMON}location").get("href") == "demo-2.0-1.noarch.rpm"
    assert first.find(f"{COMMON}checksum").text == hashlib.sha256(b"demo").hexdigest()
    assert first.find(f"{COMMON}version").attrib == {"epoch": "1", "ver": "2.0", "rel": "1.el9"}
    assert first.find(f"{COMMON}size").get("package") == "4"
    assert second.find(f"{COMMON}arch").text == "x86_64"


def test_relations_keep_their_bounds_and_rpms_own_are_left_out() -> None:
    first, _ = packages(indexed())

    entries = [entry.attrib for entry in first.iter(f"{RPM}requires").__next__()]
    assert entries == [
        {"name": "libdemo", "flags": "GE", "epoch": "0", "ver": "1.0"},
        {"name": "/bin/sh"},
        {"name": "(a if b)"},
    ]
    obsoletes = first.iter(f"{RPM}obsoletes").__next__()
    assert [entry.attrib for entry in obsoletes] == [
        {"name": "old<demo", "flags": "LT", "epoch": "0", "ver": "3", "rel": "1"}
    ]
    assert first.find(f".//{RPM}conflicts") is None


def test_files_that_others_may_require_are_named() -> None:
    first, _ = packages(indexed())

    assert [file.text for file in first.iter(f"{COMMON}file")] == ["/usr/bin/demo"]


def test_repomd_names_the_index_with_the_digests_of_both_its_forms() -> None:
    guest = indexed()
    packed = guest.read_file("/f/repodata/primary.xml.gz")

    data = ET.fromstring(guest.read_file("/f/repodata/repomd.xml")).find(f"{REPO}data")

    assert data.get("type") == "primary"
    assert data.find(f"{REPO}location").get("href") == "repodata/primary.xml.gz"
    assert data.find(f"{REPO}checksum").text == hashlib.sha256(packed).hexdigest()
    assert data.find(f"{REPO}open-checksum").text == hashlib.sha256(gzip.decompress(packed)).hexdigest()


def test_the_same_files_make_the_same_index() -> None:
    first, second = indexed(), indexed()

    assert first.read_file("/f/repodata/primary.xml.gz") == second.read_file("/f/repodata/primary.xml.gz")
