from __future__ import annotations

import pytest

from imagekit.guest.protocol import CommandResult
from imagekit.system.packages import program
from imagekit.system.shell import CommandFailed
from imagekit.testing.memory import MemoryGuest


@pytest.mark.parametrize(
    "said",
    [
        "W: Failed to fetch http://x/dists  Temporary failure resolving 'mirror.example.org'",
        "E: Failed to fetch http://x/a.deb  503  Service Unavailable [IP: 192.0.2.1 80]",
        "E: Failed to fetch http://x/Packages.gz  Hash Sum mismatch",
        "Could not connect to mirror.example.org:80 (192.0.2.1), connection timed out",
        "  - Curl error (6): Couldn't resolve host name for https://x/repomd.xml",
        "  - Curl error (28): Timeout was reached for https://x/repomd.xml [Operation too slow.]",
        "  - Status code: 502 for https://x/repodata/repomd.xml",
        "Download (curl) error for 'https://x/media': Error code: Connection failed",
        "Timeout exceeded when accessing 'https://x/repomd.xml'.",
        "error: failed retrieving file 'core.db' from mirror.example.org : Could not resolve host: mirror.example.org",
        "error: failed retrieving file 'core.db' from x : The requested URL returned error: 503",
        "WARNING: fetching https://x/APKINDEX.tar.gz: temporary error (try again later)",
        "WARNING: updating https://x: DNS: transient error (try again later)",
        'http://x/repomd.xml: [Errno 14] curl#6 - "Could not resolve host: x; Unknown error"',
    ],
)
def test_failures_of_the_network_may_pass(said: str) -> None:
    assert program.is_transient(said)


@pytest.mark.parametrize(
    "said",
    [
        "E: Unable to locate package ngnix",
        "E: Failed to fetch http://x/dists/none/Release  404  Not Found [IP: 192.0.2.1 80]",
        "E: The repository 'http://x bookworm Release' is not signed.",
        "  - Status code: 404 for https://x/repodata/repomd.xml",
        "Error: Unable to find a match: ngnix",
        "No provider of 'ngnix' found.",
        "error: target not found: ngnix",
        "error: failed retrieving file 'a-1-1.pkg' from x : The requested URL returned error: 404",
        "ERROR: unable to select packages:\n  ngnix (no such package):",
        "GPG check FAILED",
        "503 packages upgraded",
        "Problem repository: [mine]\ntimeout: 30\nuser_agent: libdnf",
    ],
)
def test_what_a_second_try_would_not_mend_is_no_such_failure(said: str) -> None:
    assert not program.is_transient(said)


def guest_that_fails(said: str) -> MemoryGuest:
    guest = MemoryGuest()
    guest.answer(lambda _argv, _env: CommandResult(100, said.encode()))
    return guest


def test_the_two_sorts_of_failure_are_classes_of_their_own() -> None:
    guest = guest_that_fails("Temporary failure resolving 'x'")

    with pytest.raises(program.DownloadFailed, match="apt-get update ended with status 100") as caught:
        program.run(guest, ["apt-get"], title="apt-get update", network=True)

    assert isinstance(caught.value, CommandFailed)
    assert caught.value.output == "Temporary failure resolving 'x'"


def test_without_network_no_failure_is_one_of_the_network() -> None:
    with pytest.raises(CommandFailed) as caught:
        program.run(guest_that_fails("Temporary failure resolving 'x'"), ["apt-get"], title="apt-get")

    assert type(caught.value) is CommandFailed


def test_messages_are_in_english_and_systemd_is_told_that_it_is_offline() -> None:
    guest = MemoryGuest()
    guest.answer(lambda _argv, _env: 0)

    program.run(guest, ["x"], title="x", env={"A": "b"})

    assert guest.commands[0].env == {"LC_ALL": "C.UTF-8", "SYSTEMD_OFFLINE": "1", "A": "b"}


def test_a_query_runs_on_file_systems_that_are_mounted_read_only_for_it() -> None:
    guest = MemoryGuest()
    guest.answer(lambda _argv, _env: 0)

    program.query(guest, 'rpm -qp "$1"', "a.rpm", title="rpm")

    (ran,) = guest.commands
    shell, option, script, *words = ran.argv
    assert (shell, option, words) == ("/bin/sh", "-c", ["sh", "a.rpm"])
    assert script.startswith("for d in / /usr /var; do mount -o remount,bind,ro none $d ")
    assert script.endswith('; rpm -qp "$1"')
    assert not ran.network
