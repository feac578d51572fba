"""``seed``: a NoCloud seed disk for one machine, held to the same checks as a seed inside an image."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from imagekit.diagnostics import Diagnostic, Place
from imagekit.engine.errors import SeedInvalid, SeedOverInput, SeedUnreadable
from imagekit.images.publish import OutputExists, OutputNotAFile, publish
from imagekit.images.seed import LABEL, write_seed_iso
from imagekit.images.workspace import Workspace
from imagekit.system import metadata, nocloud, yamltext

Source = str | Path | bytes | Mapping[str, Any]
"""One file of a seed: the path of a host file, the content itself, or a mapping that becomes YAML."""


class SeedFile(BaseModel):
    """A file on a seed disk."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    size: int
    """Bytes."""


class SeedReport(BaseModel):
    """A seed disk that was written."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    output: Path
    """The ISO 9660 file; its mode is 0600, for user data hold secrets as often as not."""
    size: int
    """Bytes of that file."""
    label: str = LABEL
    """The volume label that cloud-init looks for."""
    instance_id: str
    """What cloud-init knows the machine by: another one than last time makes it a new machine."""
    files: tuple[SeedFile, ...]
    remarks: tuple[str, ...] = ()
    """What the author may not have meant."""


@dataclass(frozen=True, slots=True)
class _Given:
    """One file of the seed as the caller gave it."""

    name: str
    content: bytes
    path: Path | None = None


def seed(
    output: str | Path,
    *,
    user_data: Source | None = None,
    meta_data: Source | None = None,
    vendor_data: Source | None = None,
    network_config: Source | None = None,
    force: bool = False,
) -> SeedReport:
    """Write a NoCloud seed disk: ISO 9660, label ``cidata``, the same bytes for the same input.

    Args:
        output: the file to write; it appears whole, or not at all.
        user_data: a path, the content as bytes, or a mapping, which is taken for cloud-config; empty if not given.
        meta_data: as above; without an instance-id it gets a fresh one.
        vendor_data: as user_data.
        network_config: version 1 or 2.
        force: replace an output that is there.

    Raises:
        SeedInvalid: cloud-init would ignore or misread a file; with every problem of every file.
        SeedUnreadable: a file cannot be read, or is too large.
        OutputExists, OutputNotAFile, SeedOverInput: the output is not to be replaced.
        HostError: the host cannot.
    """
    target = Path(output)
    given = _all_given(user_data, meta_data, vendor_data, network_config)
    _check_output(target, given, force=force)
    if problems := tuple(each for one in given.values() for each in _diagnostics(one)):
        raise SeedInvalid(problems)
    files = dict.fromkeys((nocloud.USER_DATA, nocloud.META_DATA), b"") | {n: one.content for n, one in given.items()}
    files[nocloud.META_DATA] = metadata.with_instance_id(files[nocloud.META_DATA], str(uuid.uuid4()))
    _write(target, files, force=force)
    return SeedReport(
        output=target,
        size=target.stat().st_size,
        instance_id=metadata.instance_id(files[nocloud.META_DATA]),
        files=tuple(SeedFile(name=name, size=len(content)) for name, content in files.items()),
        remarks=tuple(nocloud.remarks(files)),
    )


def _write(output: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    with Workspace.beside(output) as workspace:
        temp = workspace.path / "seed.iso"
        write_seed_iso(temp, **{name.replace("-", "_"): content for name, content in files.items()})
        publish(temp, output, force=force, secret=True)


def _all_given(*sources: Source | None) -> dict[str, _Given]:
    named = zip(nocloud.FILES, sources, strict=True)
    return {name: _given(name, source) for name, source in named if source is not None}


def _given(name: str, source: Source) -> _Given:
    if isinstance(source, bytes):
        return _Given(name, source)
    if isinstance(source, Mapping):
        return _Given(name, (nocloud.header(name) + yamltext.dump(source)).encode())
    path = Path(source)
    return _Given(name, _read(path), path)


def _read(path: Path) -> bytes:
    """Return the bytes of a regular file: a pipe may never begin, and one that is too large is not read to its end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as opened:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise SeedUnreadable(path, "it is no regular file")
            if found.st_size > nocloud.LARGEST:
                raise SeedUnreadable(path, f"it is larger than {nocloud.LARGEST >> 20} MiB")
            return opened.read(nocloud.LARGEST)
    except OSError as error:
        raise SeedUnreadable(path, error.strerror or str(error)) from error


def _check_output(output: Path, given: Mapping[str, _Given], *, force: bool) -> None:
    if not os.path.lexists(output):
        return
    for one in given.values():
        if one.path and output.exists() and output.samefile(one.path):
            raise SeedOverInput(output, one.name)
    if not output.is_file() and not output.is_symlink():
        raise OutputNotAFile(output)
    if not force:
        raise OutputExists(output)


def _diagnostics(given: _Given) -> tuple[Diagnostic, ...]:
    return tuple(_diagnostic(given, fault) for fault in nocloud.faults(given.name, given.content))


def _diagnostic(given: _Given, fault: yamltext.Fault) -> Diagnostic:
    """Return a fault at its place in the author's file; the line is drawn if it is of a file without secrets."""
    place = None
    if given.path and fault.line:
        lines = given.content.decode(errors="replace").split("\n")
        shown = given.name not in nocloud.PRIVATE and fault.line <= len(lines)
        place = Place(str(given.path), fault.line, fault.column, text=lines[fault.line - 1] if shown else "")
    message = fault.message if given.path else fault.told()
    return Diagnostic("IK-CLD-004", message, field=given.name, place=place, fix=fault.fix)
