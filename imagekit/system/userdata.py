"""What cloud-init takes for user data and vendor data: pure checks, before anything is written.

Recognition follows cloudinit/handlers/__init__.py and user_data.py of cloud-init: content that none of its handlers
claims is dropped with a warning, in the guest, where nobody looks.
"""

from __future__ import annotations

import difflib
import email
import re
import zlib
from typing import TYPE_CHECKING, Any

from ruamel.yaml.error import YAMLError

from imagekit.system.yamltext import Fault, dotted, fault_at, parse, read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = (
    "#cloud-config",
    "#!/bin/sh",
    "#include",
    "#include-once",
    "#cloud-boothook",
    "#cloud-config-archive",
    "#cloud-config-jsonp",
    "#part-handler",
    "## template: jinja",
)
"""First lines that cloud-init knows; it compares their beginnings, whatever the case, blank lines before them aside."""
_PREFIXES = tuple(header.replace("/bin/sh", "").encode() for header in HEADERS)
_JINJA = b"## template: jinja"
_NO_MAPPING = (b"#cloud-config-archive", b"#cloud-config-jsonp")
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_MIME_WINDOW = 4096
_LARGEST = 16 << 20


def faults(content: bytes) -> tuple[Fault, ...]:
    """Return why cloud-init would ignore or misread user data; () if it would do neither."""
    if content.startswith(_GZIP):
        unpacked = _unpacked(content)
        return (Fault("it begins as gzip does, and cannot be unpacked"),) if unpacked is None else faults(unpacked)
    if content.startswith(_BYTE_ORDER_MARKS):
        said = "it begins with a byte order mark, which keeps cloud-init from seeing its first line"
        return (Fault(said, 1, 1, "save it as UTF-8 without one"),)
    if not content.strip():
        return ()
    if _is_mime(content):
        return tuple(_mime_faults(content))
    if not _start(content).startswith(_PREFIXES):
        return (_unknown(content),)
    return _known_faults(content)


def is_cloud_config(content: bytes) -> bool:
    """Tell whether user data is a cloud-config mapping in plain text: no archive, no patch, no template."""
    start = _start(content)
    return start.startswith(b"#cloud-config") and not start.startswith(_NO_MAPPING)


def remarks(content: bytes) -> Iterator[str]:
    """Yield what a user may not have meant, in clauses about valid user data."""
    start = _start(content)
    if start.startswith(b"#include"):
        yield "it is fetched from the network at the first boot, which fails where the address cannot be reached"
    document = read_mapping(content)[0] if is_cloud_config(content) else {}
    for path in _plain_passwords(document):
        yield f"{dotted(path)} is a password in plain text, kept in the guest; hash it, as openssl passwd -6 does"


def _start(content: bytes) -> bytes:
    return content.lstrip().lower()


def _is_mime(content: bytes) -> bool:
    return b"mime-version:" in content[:_MIME_WINDOW].lower()


def _unpacked(content: bytes) -> bytes | None:
    """Return what gzip packed, up to the largest size that is taken; None if it is no gzip."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(content, _LARGEST + 1)
    except zlib.error:
        return None
    return unpacked if unpacker.eof and len(unpacked) <= _LARGEST else None


def _first_line(content: bytes) -> tuple[int, str]:
    """Return number, from 1, and text of the first line that is not blank."""
    lines = content.decode(errors="replace").split("\n")
    return next(((number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()), (1, ""))


def _unknown(content: bytes) -> Fault:
    number, line = _first_line(content)
    near = _nearest(line)
    fix = f"write {near}" if near else f"begin it with one of: {', '.join(HEADERS)}"
    return Fault("cloud-init would ignore it, for its first line is none that cloud-init knows", number, 1, fix)


def _nearest(line: str) -> str:
    """Return the header that the author most likely meant, or ""."""
    plain = re.sub(r"[\s_]+", "", line.lower()).replace("cloudconfig", "cloud-config")
    if "template:jinja" in plain:
        return "## template: jinja"
    if plain.startswith("content-type:"):
        return "MIME-Version: 1.0 in the header, as the first line"
    if plain.startswith("#!"):
        return "#!, without a blank in it, and the path of a program"
    spelt = {re.sub(r"\s+", "", header): header for header in HEADERS}
    near = difflib.get_close_matches(plain, spelt, n=1, cutoff=0.75)
    if near:
        return spelt[near[0]]
    return "#cloud-config as the first line" if re.match(r"[\w-]+:(\s|$)|---|\{", line) else ""


def _known_faults(content: bytes) -> tuple[Fault, ...]:
    start = _start(content)
    if start.startswith(_JINJA):
        return _template_faults(content)
    if start.startswith(b"#!"):
        number, line = _first_line(content)
        broken = b"\r" in content.lstrip().split(b"\n", 1)[0]
        return (
            Fault("its first line ends as on Windows, so that its program is not found", number, len(line)),
        ) * broken
    if start.startswith(b"#cloud-config-archive"):
        return _archive_faults(content)
    return tuple(_cloud_config_faults(content)) if is_cloud_config(content) else ()


def _cloud_config_faults(content: bytes) -> Iterator[Fault]:
    document, broken = read_mapping(content)
    yield from broken
    if "network" in document:
        said = "cloud-init ignores network in user data"
        yield fault_at(content, ("network",), said, "put it into the network configuration")


def _template_faults(content: bytes) -> tuple[Fault, ...]:
    """Look at the line below the header of a template: what is rendered must begin with a header too."""
    body = content.lstrip().partition(b"\n")[2]
    rest = _start(body)
    if not rest or rest.startswith((b"{", *_PREFIXES)):
        return ()
    number = _first_line(content)[0] + _first_line(body)[0]
    return (
        Fault("below the header of a template stands the header of what it makes", number, 1, "write #cloud-config"),
    )


def _archive_faults(content: bytes) -> tuple[Fault, ...]:
    try:
        document = parse(content)
    except (YAMLError, UnicodeDecodeError, ValueError):
        return read_mapping(content)[1]
    return () if isinstance(document, list) else (Fault("an archive is a list of parts"),)


def _mime_faults(content: bytes) -> Iterator[Fault]:
    message = email.message_from_bytes(content)
    if message.is_multipart() or message.get_content_maintype() != "multipart":
        for number, part in enumerate((each for each in message.walk() if not each.is_multipart()), 1):
            payload = part.get_payload(decode=True)
            if part.get_content_type() == "text/cloud-config" and isinstance(payload, bytes):
                for fault in read_mapping(payload)[1]:
                    yield Fault(f"part {number}: {fault.told()}")
    else:
        yield Fault("it is a MIME message without parts", fix="give its boundary, and a part between two of them")


def _plain_passwords(document: dict[Any, Any]) -> Iterator[tuple[str | int, ...]]:
    password = document.get("password")
    if isinstance(password, str) and not password.startswith("$"):
        yield ("password",)
    users = document.get("users")
    for index, user in enumerate(users if isinstance(users, list) else ()):
        if isinstance(user, dict) and "plain_text_passwd" in user:
            yield ("users", index, "plain_text_passwd")
    listed = document.get("chpasswd")
    accounts = listed.get("users") if isinstance(listed, dict) else None
    for index, account in enumerate(accounts if isinstance(accounts, list) else ()):
        if isinstance(account, dict) and account.get("type") == "text":
            yield ("chpasswd", "users", index, "password")
