"""Make the kernel of a resumed appliance forget the random numbers that every other resume would draw.

Bytes written to /dev/urandom are mixed in at once and used a minute later; only the ioctl RNDRESEEDCRNG of
random(4) brings them into use (Linux, drivers/char/random.c). Nothing in the appliance can call an ioctl by its
number, so a program of ten instructions goes along.
"""

from __future__ import annotations

import base64
import os
import struct

PROGRAM = "/run/imagekit-reseed"
"""Where the program lies in the appliance's own memory; no guest sees that folder."""
_SEED_BYTES = 64
_LOAD_ADDRESS = 0x400000
_HEADERS = 64 + 56
_DEVICE = b"/dev/urandom\0"
# x86-64 Linux; a system call's number is in eax, its arguments in rdi, rsi, rdx, its result in eax.
_CODE = (
    b"\xb8\x02\x00\x00\x00"  # mov eax, 2           open
    b"\x48\x8d\x3d\x1d\x00\x00\x00"  # lea rdi, [rip + 29]  the name behind the code
    b"\x31\xf6"  # xor esi, esi         O_RDONLY
    b"\x0f\x05"  # syscall
    b"\x89\xc7"  # mov edi, eax
    b"\xbe\x07\x52\x00\x00"  # mov esi, 0x5207      RNDRESEEDCRNG
    b"\x31\xd2"  # xor edx, edx
    b"\xb8\x10\x00\x00\x00"  # mov eax, 16          ioctl
    b"\x0f\x05"  # syscall
    b"\x89\xc7"  # mov edi, eax
    b"\xb8\x3c\x00\x00\x00"  # mov eax, 60          exit, with 0 only if the ioctl returned 0
    b"\x0f\x05"  # syscall
)


def program(machine: str) -> bytes | None:
    """Return the program for an architecture, as uname(2) names it; None where there is none yet."""
    if machine != "x86_64":
        return None
    size = _HEADERS + len(_CODE) + len(_DEVICE)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = struct.pack("<16sHHIQQQIHHHHHH", ident, 2, 62, 1, _LOAD_ADDRESS + _HEADERS, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _LOAD_ADDRESS, _LOAD_ADDRESS, size, size, 0x1000)
    return header + segment + _CODE + _DEVICE


def place(code: bytes) -> str:
    """Return the shell lines that put the program into the appliance."""
    text = base64.b64encode(code).decode()
    return f"echo {text} | base64 -d >{PROGRAM}\nchmod 700 {PROGRAM}\n"


def reseed() -> str:
    """Return the shell lines that mix in what the host draws, and bring it into use."""
    seed = "".join(f"\\{byte:03o}" for byte in os.urandom(_SEED_BYTES))
    return f"printf '{seed}' >/dev/urandom\n{PROGRAM}\n"
