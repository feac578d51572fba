from __future__ import annotations

from imagekit.system import tinyssh
from imagekit.testing.memory import MemoryGuest

FOLDER = "/etc/tinyssh/sshkeydir"


def test_the_server_is_there_or_not() -> None:
    assert tinyssh.is_installed(MemoryGuest({"/usr/sbin/tinysshd": ""}))
    assert not tinyssh.is_installed(MemoryGuest({"/usr/sbin/tinysshd-makekey": ""}))


def test_private_keys_are_hidden_files_and_found() -> None:
    guest = MemoryGuest(dict.fromkeys([f"{FOLDER}/.ed25519.sk", f"{FOLDER}/ed25519.pk", f"{FOLDER}/README"], "x"))

    assert tinyssh.key_files(guest) == (f"{FOLDER}/.ed25519.sk", f"{FOLDER}/ed25519.pk")


def test_a_folder_that_is_empty_goes_since_no_keys_are_made_in_one_that_is_there() -> None:
    guest = MemoryGuest({f"{FOLDER}/README": "x"})
    tinyssh.make_room(guest)
    full = guest.exists(FOLDER)
    guest.rm_f(f"{FOLDER}/README")
    tinyssh.make_room(guest)

    assert full
    assert not guest.exists(FOLDER)
    assert guest.exists("/etc/tinyssh")
