"""A folder of .rpm files as a repository: what createrepo would write, which guests seldom have.

The form is that of rpm-md, as createrepo_c(8) writes it and libsolv and yum read it: ``repodata/repomd.xml`` names
``primary.xml.gz``, which has an entry for each package.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from imagekit.guest import paths
from imagekit.system.packages import program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imagekit.guest.protocol import Guest

_RELATIONS = {"p": "provides", "r": "requires", "c": "conflicts", "o": "obsoletes"}
_TAGS = {"p": "PROVIDE", "r": "REQUIRE", "c": "CONFLICT", "o": "OBSOLETE"}
_FORMAT = (
    r"P\t%{NAME}\t%|EPOCH?{%{EPOCH}}:{0}|\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SIZE}\n"
    + "".join(rf"[{key}\t%{{{tag}NAME}}\t%{{{tag}FLAGS}}\t%{{{tag}VERSION}}\n]" for key, tag in _TAGS.items())
    + r"[f\t%{FILENAMES}\n]"
)
# Of the files, those that other packages may require by path: the same choice as createrepo's for primary.xml.
_SCRIPT = f"""\
cd "$1" && all=$(rpm -qp --nosignature --nodigest --qf '{_FORMAT}' ./*.rpm) &&
printf '%s\\n' "$all" | grep -E '^[^f]|^f.(/etc/|.*bin/)'
"""
_LESS, _GREATER, _EQUAL = 2, 4, 8
"""RPMSENSE_LESS, RPMSENSE_GREATER and RPMSENSE_EQUAL of rpm's rpmds.h."""
_FLAGS = {_LESS: "LT", _GREATER: "GT", _EQUAL: "EQ", _LESS | _EQUAL: "LE", _GREATER | _EQUAL: "GE"}


@dataclass(frozen=True, slots=True)
class Relation:
    """A name that a package provides, requires, conflicts with or obsoletes; ``flag`` is EQ, LE … or ""."""

    name: str
    flag: str = ""
    version: str = ""


@dataclass(slots=True)
class Package:
    """What an index says of one package file."""

    name: str
    epoch: str
    version: str
    release: str
    arch: str
    size: str
    relations: dict[str, list[Relation]] = field(default_factory=lambda: {key: [] for key in _RELATIONS})
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """A package file: its name in the folder, size in bytes and SHA-256 in hex."""

    name: str
    size: int
    sha256: str


def write(guest: Guest, folder: str) -> dict[str, str]:
    """Index a guest folder of .rpm files; return ``epoch:version-release`` by name.

    Raises:
        CommandFailed: rpm cannot read one of them.
    """
    names = [name for name in guest.ls(folder) if name.endswith(".rpm")]
    answer = program.query(guest, _SCRIPT, folder, title="rpm -qp")
    packages = parse(answer.text)
    files = [paths.join(folder, name) for name in names]
    places = [Place(paths.name(path), guest.lstat(path).size, guest.sha256(path)) for path in files]
    primary = primary_xml(list(zip(packages, places, strict=True)))
    packed = gzip.compress(primary, mtime=0)
    guest.mkdir_p(f"{folder}/repodata")
    guest.write(f"{folder}/repodata/primary.xml.gz", packed)
    guest.write(f"{folder}/repodata/repomd.xml", repomd_xml(primary, packed))
    return {each.name: f"{each.epoch}:{each.version}-{each.release}" for each in packages}


def parse(text: str) -> list[Package]:
    """Return the packages of rpm's answer, in its order, which is that of the files' names."""
    packages: list[Package] = []
    for line in text.splitlines():
        key, *rest = line.split("\t")
        if key == "P" and len(rest) == 6:
            name, epoch, version, release, arch, size = rest
            packages.append(Package(name, epoch, version, release, arch, size))
        elif packages and key == "f" and len(rest) == 1:
            packages[-1].files.append(rest[0])
        elif packages and key in _RELATIONS and len(rest) == 3 and rest[0] != "(none)":
            packages[-1].relations[key].append(_relation(*rest))
    return packages


def _relation(name: str, flags: str, version: str) -> Relation:
    sense = int(flags) & (_LESS | _GREATER | _EQUAL) if flags.isdigit() else 0
    return Relation(name, _FLAGS.get(sense, ""), version if sense in _FLAGS else "")


def primary_xml(packages: Sequence[tuple[Package, Place]]) -> bytes:
    """Return primary.xml for packages, each with the place of its file."""
    head = (
        '<metadata xmlns="http://linux.duke.edu/metadata/common" '
        f'xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="{len(packages)}">\n'
    )
    entries = "".join(_entry(package, place) for package, place in packages)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{entries}</metadata>\n'.encode()


def _entry(package: Package, place: Place) -> str:
    relations = "".join(
        _relations(word, package.relations[key]) for key, word in _RELATIONS.items() if package.relations[key]
    )
    files = "".join(f"<file>{escape(path)}</file>\n" for path in package.files)
    version = _version(f"{package.epoch}:{package.version}-{package.release}")
    return f"""<package type="rpm"><name>{escape(package.name)}</name><arch>{escape(package.arch)}</arch>
<version {version}/>
<checksum type="sha256" pkgid="YES">{place.sha256}</checksum>
<summary></summary><description></description><packager></packager><url></url>
<time file="0" build="0"/><size package="{place.size}" installed={quoteattr(package.size)} archive="0"/>
<location href={quoteattr(place.name)}/>
<format><rpm:license></rpm:license><rpm:vendor></rpm:vendor><rpm:group></rpm:group><rpm:buildhost></rpm:buildhost>
<rpm:sourcerpm></rpm:sourcerpm><rpm:header-range start="0" end="0"/>
{relations}{files}</format></package>
"""


def _relations(word: str, relations: Iterable[Relation]) -> str:
    # What rpm itself provides is checked by rpm, never by a repository.
    own = [each for each in relations if not each.name.startswith("rpmlib(")]
    return f"<rpm:{word}>\n" + "".join(map(_line, own)) + f"</rpm:{word}>\n"


def _line(relation: Relation) -> str:
    bound = f' flags="{relation.flag}" {_version(relation.version)}' if relation.flag else ""
    return f"<rpm:entry name={quoteattr(relation.name)}{bound}/>\n"


def _version(text: str) -> str:
    return " ".join(f"{key}={quoteattr(value)}" for key, value in _version_parts(text))


def _version_parts(text: str) -> Iterator[tuple[str, str]]:
    epoch, colon, rest = text.rpartition(":")
    version, _, release = rest.partition("-")
    yield "epoch", epoch if colon else "0"
    yield "ver", version
    if release:
        yield "rel", release


def repomd_xml(primary: bytes, packed: bytes) -> bytes:
    """Return repomd.xml, which names primary.xml.gz with its digests and those of what is in it."""
    outer, inner = hashlib.sha256(packed).hexdigest(), hashlib.sha256(primary).hexdigest()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>
<data type="primary"><checksum type="sha256">{outer}</checksum><open-checksum type="sha256">{inner}</open-checksum>
<location href="repodata/primary.xml.gz"/><timestamp>1</timestamp>
<size>{len(packed)}</size><open-size>{len(primary)}</open-size></data></repomd>
""".encode()
