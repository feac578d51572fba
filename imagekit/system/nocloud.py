"""A NoCloud seed: its four files, what cloud-init would not take of them, and what their author should know.

The same checks serve a seed inside an image and a seed disk. Source: cloud-init's docs, reference/datasources/nocloud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system import metadata, netconfig, userdata
from imagekit.system.yamltext import Fault, dotted, read_mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

USER_DATA, META_DATA, VENDOR_DATA, NETWORK_CONFIG = "user-data", "meta-data", "vendor-data", "network-config"
FILES = (USER_DATA, META_DATA, VENDOR_DATA, NETWORK_CONFIG)
"""Names of the files of a seed; the first two must be there, and may be empty."""
PRIVATE = (USER_DATA, VENDOR_DATA)
"""Files that hold secrets as often as not."""
LARGEST = 16 << 20
"""Bytes that a file of a seed may have at most."""
_MOST_ELSEWHERE = 16 << 10

_FAULTS: Mapping[str, Callable[[bytes], tuple[Fault, ...]]] = {
    USER_DATA: userdata.faults,
    META_DATA: metadata.faults,
    VENDOR_DATA: userdata.faults,
    NETWORK_CONFIG: netconfig.faults,
}


def header(name: str) -> str:
    """Return the line that a mapping needs above it to be such a file."""
    return "#cloud-config\n" if name in PRIVATE else ""


def faults(name: str, content: bytes) -> tuple[Fault, ...]:
    """Return what is wrong with a file of a seed; () if cloud-init takes it."""
    if len(content) > LARGEST:
        return (Fault(f"it is larger than {LARGEST >> 20} MiB", fix="let cloud-init fetch what is large"),)
    return _FAULTS[name](content)


def remarks(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what the author of a valid seed should know, in sentences that begin with a file's name."""
    for name in PRIVATE:
        content = files.get(name, b"")
        if len(content) > _MOST_ELSEWHERE:
            yield f"{name}: it is larger than 16 KiB, which is all that some clouds hand over; a seed may be larger"
        for said in userdata.remarks(content):
            yield f"{name}: {said}"
    if "seedfrom" in read_mapping(files.get(META_DATA, b""))[0]:
        yield f"{META_DATA}: seedfrom names another seed, whose user data replace these"


def ties_to_machine(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what of a valid seed fits one machine alone: right on its own seed disk, and in no image that is copied."""
    for path in netconfig.hardware_addresses(read_mapping(files.get(NETWORK_CONFIG, b""))[0]):
        yield f"{NETWORK_CONFIG}: {dotted(path)} is the address of one machine; no clone of it has it"
