from __future__ import annotations

import gzip

import pytest

from imagekit.system import userdata

MIME = b"Content-Type: multipart/mixed; boundary=xx\nMIME-Version: 1.0\n\n--xx\nContent-Type: %s\n\n%s\n--xx--\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"#cloud-config\na: 1\n",
        b"\n\n#Cloud-Config\na: 1\n",
        b"#cloud-config\n",
        b"#!/bin/sh\n[",
        b"#include\nhttps://example.org/x\n",
        b"#cloud-boothook\n",
        b"## template: jinja\n#cloud-config\n{{ [ }}\n",
        b"## template: jinja\n{% set a = 1 %}\n#cloud-config\n",
        b"## template: jinja\n",
        b"#cloud-config-archive\n- x\n",
        b"#cloud-config-jsonp\n[",
        MIME % (b"text/cloud-config", b"a: 1"),
        MIME % (b"text/x-shellscript", b"#!/bin/sh"),
        gzip.compress(b"#cloud-config\na: 1\n", mtime=0),
    ],
)
def test_what_cloud_init_takes_is_taken(content: bytes) -> None:
    assert userdata.faults(content) == ()


@pytest.mark.parametrize(
    ("content", "fix"),
    [
        (b"# cloud-config\na: 1\n", "write #cloud-config"),
        (b"#cloud_config\na: 1\n", "write #cloud-config"),
        (b"a: 1\n", "write #cloud-config as the first line"),
        (b"##template: jinja\n", "write ## template: jinja"),
        (b"## template:jinja\n", "write ## template: jinja"),
        (b"# !/bin/sh\n", "write #!, without a blank in it, and the path of a program"),
        (b"#inclde\n", "write #include"),
        (b"Content-Type: multipart/mixed; boundary=x\n\n", "write MIME-Version: 1.0 in the header, as the first line"),
        (b"hello\n", "begin it with one of: " + ", ".join(userdata.HEADERS)),
    ],
)
def test_a_header_that_cloud_init_ignores_is_refused_with_the_nearest_right_one(content: bytes, fix: str) -> None:
    (fault,) = userdata.faults(b"\n" + content)

    assert "would ignore it" in fault.message
    assert (fault.line, fault.column, fault.fix) == (2, 1, fix)


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"\xef\xbb\xbf#cloud-config\n", 1, "byte order mark"),
        (b"#\x00".join([b"\xff\xfe", b""]), 1, "byte order mark"),
        (b"#cloud-config\na: 1\na: [\n", 4, "not valid YAML"),
        (b"#cloud-config\n- a\n", 1, "no YAML mapping"),
        (b"#cloud-config\na: 1\nnetwork: {}\n", 3, "ignores network"),
        (b"#cloud-config-archive\na: 1\n", 0, "a list of parts"),
        (b"#cloud-config-archive\n[\n", 3, "not valid YAML"),
        (b"#!/bin/sh\r\ntrue\r\n", 1, "as on Windows"),
        (b"\n## template: jinja\n\n# cloud-config\n", 4, "below the header of a template"),
        (b"\x1f\x8b\x08\x00", 0, "cannot be unpacked"),
        (gzip.compress(b"#cloud-config\na: [\n", mtime=0), 3, "not valid YAML"),
        (MIME % (b"text/cloud-config", b"a: ["), 0, "part 1: it is not valid YAML"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/mixed\n\nx", 0, "without parts"),
    ],
)
def test_what_cloud_init_would_misread_is_said(content: bytes, line: int, said: str) -> None:
    (fault,) = userdata.faults(content)

    assert said in fault.told()
    assert fault.line == line


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#include\nhttps://example.org/\n", "from the network"),
        (b"#cloud-config\npassword: hush\n", "password is a password"),
        (b"#cloud-config\nusers: [default, {name: a, plain_text_passwd: hush}]\n", "users[1].plain_text_passwd"),
        (b"#cloud-config\nchpasswd: {users: [{name: a, password: hush, type: text}]}\n", "chpasswd.users[0].password"),
    ],
)
def test_what_an_author_may_not_have_meant_is_remarked_without_its_value(content: bytes, said: str) -> None:
    (remark,) = userdata.remarks(content)

    assert said in remark
    assert "hush" not in remark


@pytest.mark.parametrize(
    "content", [b"", b"#!/bin/sh\n", b"#cloud-config\npassword: $6$x\nusers: x\nchpasswd: {users: [{type: hash}]}\n"]
)
def test_what_is_usual_is_not_remarked(content: bytes) -> None:
    assert list(userdata.remarks(content)) == []
