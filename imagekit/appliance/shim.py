"""What libguestfs starts in place of qemu when the appliance shall be warm. Standard library only.

It runs under the worker's interpreter, with the words that libguestfs has for qemu, and becomes qemu: to *record*
a state, or to *resume* one. libguestfs' own words decide what a machine is, so the key of a state is made from
them: nothing is taken from a list that another release would make wrong. ``warm.json`` beside it says what to do.

A resumed machine holds a daemon that has said long ago that it is up, so its word (GUESTFS_LAUNCH_FLAG of
guestfs_protocol.x) is given here, on the connection that qemu then takes over.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import sys
from itertools import pairwise
from typing import Any

RECIPE = 2
"""Counts up when a recorded machine is made or woken in another way, so that older states are left alone."""
CONFIG = "warm.json"
ANSWER = "warm-answer.json"
MANIFEST = "manifest.json"
STATE = "state"
ROOT = "root.qcow2"
LAUNCH_FLAG = bytes.fromhex("f5f55ff5")
_SOCKET = re.compile(r"socket,path=(.*/guestfsd\.sock)(,.*)", re.DOTALL)
_ROOT = re.compile(r"file=(.*),snapshot=on,id=appliance,(.*)format=raw(.*)", re.DOTALL)
_PATHS = (
    (re.compile(r"^unix:.*,server=on,wait=off$", re.DOTALL), "unix:"),
    (re.compile(r"^socket,path=.*/guestfsd\.sock", re.DOTALL), "socket"),
    (re.compile(r"^(stream,.*addr\.path=)(?:[^,]|,,)*"), r"\1"),
    (re.compile(r"^file[.=].*,(id=hd\d+.*)$", re.DOTALL), r"\1"),
    (re.compile(r"\blpj=\d+"), ""),
)
"""Words that name this session only; ``lpj`` is how fast this boot of the host found its processor to be.

How a disk's file is cached, discarded and written to is the host's matter: the machine sees the same disk.
"""


class Unfit(Exception):
    """A state that is there and must not be used."""


def _quoted(path: str) -> str:
    """Return a path as it stands among qemu's options, where a comma that ends no value is doubled."""
    return path.replace(",", ",,")


def _unquoted(value: str) -> str:
    return value.replace(",,", ",")


def is_launch(argv: list[str]) -> bool:
    """Tell whether a command line is that of an appliance; libguestfs also asks qemu what it can do."""
    return any(_SOCKET.match(word) for word in argv)


def root_of(argv: list[str]) -> str:
    """Return the file with the appliance's root file system."""
    return next(_unquoted(found[1]) for word in argv if (found := _ROOT.match(word)))


def _socket_of(argv: list[str]) -> str:
    """Return the socket on which libguestfs waits for its daemon."""
    return next(_unquoted(found[1]) for word in argv if (found := _SOCKET.match(word)))


def identity(path: str) -> list[int]:
    """Return what changes whenever a file is written, replaced or copied."""
    found = os.stat(path)
    return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _processor() -> list[str]:
    """Return what the host's processor is and can do, its microcode included."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return [told.get(name, "") for name in ("model name", "microcode", "flags", "CPU part", "Features")]


def _boots(argv: list[str]) -> list[str]:
    """Return the kernel and the initramfs of the appliance."""
    return [_unquoted(value) for name, value in pairwise(argv) if name in ("-kernel", "-initrd")]


def key_of(argv: list[str], qemu: str) -> str:
    """Return the name of the state that fits a command line: qemu, machine, processor, kernel, appliance, topology."""
    plain = list(argv)
    for pattern, blank in _PATHS:
        plain = [pattern.sub(blank, word) for word in plain]
    program = os.stat(qemu)
    # libguestfs renews the times of its appliance at each launch, so that no cleaner takes it; but each that is built
    # has an inode of its own, and a root with a UUID of its own, which the kernel's words name.
    appliance = [[path, os.stat(path).st_ino, os.stat(path).st_size] for path in (*_boots(argv), root_of(argv))]
    parts = [RECIPE, plain, [qemu, program.st_size, program.st_mtime_ns], appliance]
    if any("accel=kvm" in word for word in argv):
        parts += [_processor(), os.uname().release]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _with_root(argv: list[str], root: str, snapshot: str) -> list[str]:
    """Return the words with another file for the appliance's root."""
    drive = f"file={_quoted(root)},snapshot={snapshot},id=appliance,"
    return [f"{drive}{found[2]}format=qcow2{found[3]}" if (found := _ROOT.match(word)) else word for word in argv]


def recording(argv: list[str], root: str) -> list[str]:
    """Return the words of a machine whose writes to its own root stay, since its memory will refer to them."""
    return _with_root(argv, root, "off")


def resuming(argv: list[str], state: str, channel: int, memory: int) -> list[str]:
    """Return the words of a machine that goes on where a state ends; descriptors of its channel and its memory."""
    words = [_SOCKET.sub(rf"socket,fd={channel}\2", word) for word in _with_root(argv, f"{state}/{ROOT}", "on")]
    return [*words, "-incoming", f"fd:{memory}"]


def is_private(path: str) -> bool:
    """Tell whether something is a folder of this user that nobody else may enter; a link to one is none."""
    found = os.lstat(path)
    return found.st_uid == os.geteuid() and found.st_mode & 0o170077 == 0o040000


def check(state: str) -> None:
    """Make sure that a state is this user's own, and is as it was written.

    Raises:
        Unfit: it is not, or cannot be read.
    """
    try:
        _judge(state)
    except OSError as refused:
        raise Unfit(f"{os.path.basename(refused.filename)}: {refused.strerror}") from refused
    except (ValueError, KeyError, TypeError) as garbled:
        raise Unfit(f"{MANIFEST} cannot be read") from garbled


def _judge(state: str) -> None:
    for path in (state, os.path.dirname(state)):
        if not is_private(path):
            raise Unfit(f"{path} is not a private folder of this user")
    with open(f"{state}/{MANIFEST}", encoding="utf-8") as text:
        files = json.load(text)["files"]
    for name in (STATE, ROOT):
        if identity(f"{state}/{name}") != files[name]:
            raise Unfit(f"{name} was changed since it was written")


def _connected(argv: list[str]) -> socket.socket:
    """Connect to libguestfs, which listens already, and say for the daemon that it is up."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(_socket_of(argv))
    connection.sendall(LAUNCH_FLAG)
    return connection


def _answer(folder: str, answer: dict[str, Any]) -> None:
    with open(f"{folder}/{ANSWER}", "w", encoding="utf-8") as text:
        json.dump(answer, text)


def _note_use(state: str) -> None:
    """Have a state be the last used; one in a folder that can only be read is as good."""
    try:
        os.utime(state)
    except OSError:
        return


def _awake(folder: str, config: dict[str, str], argv: list[str]) -> list[str]:
    """Return the words that resume the state that fits; say so and leave if there is none, or none that is fit."""
    key = key_of(argv, config["qemu"])
    answer = {"key": key, "root": root_of(argv)}
    state = f"{config['states']}/{key}"
    if not os.path.lexists(state):
        _answer(folder, {**answer, "outcome": "missing"})
        sys.exit(1)
    try:
        check(state)
        memory = os.open(f"{state}/{STATE}", os.O_RDONLY)
    except (Unfit, OSError) as refused:
        _answer(folder, {**answer, "outcome": "unfit", "why": str(refused)})
        sys.exit(1)
    _note_use(state)
    channel = _connected(argv).detach()
    for descriptor in (channel, memory):
        os.set_inheritable(descriptor, True)
    _answer(folder, {**answer, "outcome": "resumed"})
    return resuming(argv, state, channel, memory)


def main(folder: str, argv: list[str]) -> None:
    """Become qemu."""
    with open(f"{folder}/{CONFIG}", encoding="utf-8") as text:
        config = json.load(text)
    if not is_launch(argv):
        os.execv(config["qemu"], [config["qemu"], *argv])
    words = recording(argv, config["root"]) if config["mode"] == "record" else _awake(folder, config, argv)
    # The machine dies with the worker that started it, whatever ends that, and can never gain privileges.
    tamed = [config["setpriv"], "--pdeathsig", "KILL", "--no-new-privs", "--"]
    os.execv(config["setpriv"], [*tamed, config["qemu"], *words])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
