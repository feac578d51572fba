from __future__ import annotations

import json
import os
import select
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imagekit import process
from imagekit.appliance import shim as warm
from imagekit.appliance.hypervisor import SANDBOX, find_qemu, write_shim, write_warm_shim
from imagekit.process import ToolMissing

if TYPE_CHECKING:
    from collections.abc import Callable

SOON = 20


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Have only these programs on the PATH; return their folder, whose name is a trap for a shell."""
    folder = tmp_path / "it's $HOME"
    folder.mkdir()

    def put(**scripts: str) -> Path:
        for name, script in scripts.items():
            program = folder / name.replace("_", "-")
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        return folder

    return put


def test_the_emulator_of_the_hosts_own_architecture_is_found(programs: Callable[..., Path]) -> None:
    folder = programs(qemu_system_aarch64="", qemu_kvm="")

    assert find_qemu("aarch64") == folder / "qemu-system-aarch64"


def test_an_emulator_by_the_name_that_other_distributions_give_is_found(programs: Callable[..., Path]) -> None:
    folder = programs(qemu_kvm="")

    assert find_qemu("s390x") == folder / "qemu-kvm"


def test_a_host_without_qemu_is_told_which_one_it_lacks(
    programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    programs()
    monkeypatch.setattr("imagekit.appliance.hypervisor.shutil.which", lambda _: None)

    with pytest.raises(ToolMissing, match="qemu-system-riscv64"):
        find_qemu("riscv64")


def test_a_host_without_setpriv_is_told_so(programs: Callable[..., Path], tmp_path: Path) -> None:
    folder = programs(qemu_kvm="")

    with pytest.raises(ToolMissing, match="setpriv"):
        write_shim(tmp_path, folder / "qemu-kvm")


def test_the_shim_has_the_time_of_its_qemu_and_is_for_its_user_alone(tmp_path: Path) -> None:
    qemu = tmp_path / "real"
    qemu.write_text("")
    os.utime(qemu, ns=(1_600_000_000_123_456_789, 1_700_000_000_123_456_789))
    shim = write_shim(tmp_path, qemu)

    assert shim == tmp_path / "qemu"
    assert shim.stat().st_mtime_ns == 1_700_000_000_123_456_789
    assert shim.stat().st_mode & 0o777 == 0o700


def test_the_shim_becomes_qemu_with_its_words_as_they_are_and_no_way_to_more_rights(
    tmp_path: Path, programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = os.environ["PATH"]
    folder = programs(qemu='printf "<%s>" "$0" "$@"; grep NoNewPrivs /proc/self/status')
    monkeypatch.setenv("PATH", path)
    shim = write_shim(tmp_path, folder / "qemu")

    said = process.run([shim, "-a", "b c", "", "$HOME", "--", "-h"]).stdout
    assert said == f"<{folder}/qemu><-a><b c><><$HOME><--><-h>NoNewPrivs:\t1\n"


@pytest.mark.parametrize("warm", [False, True])
def test_the_shim_notes_where_libguestfs_keeps_its_socket(tmp_path: Path, *, warm: bool) -> None:
    true = Path("/bin/true")
    if warm:
        shim = write_warm_shim(tmp_path, true, str(true), mode="resume", states=tmp_path, root=None)
    else:
        shim = write_shim(tmp_path, true)

    process.run([shim, "-help"])
    for name in ("libguestfsAb12", "lib guestfs"):
        process.run(
            [shim, "-a", f"socket,path=/tmp/{name}/guestfsd.sock,id=channel0", f"unix:{tmp_path}/qmp,server=on"]
        )
    assert (tmp_path / "elsewhere").read_text() == "/tmp/libguestfsAb12\n/tmp/lib guestfs\n"


# The shim of a warm appliance.
def test_the_warm_shim_is_told_what_to_do(tmp_path: Path, programs: Callable[..., Path]) -> None:
    folder = programs(setpriv="", qemu="")
    write_warm_shim(tmp_path, folder / "qemu", "py", mode="record", states=Path("/states"), root=Path("/own/root"))

    assert json.loads((tmp_path / warm.CONFIG).read_text()) == {
        "mode": "record",
        "qemu": str(folder / "qemu"),
        "setpriv": str(folder / "setpriv"),
        "states": "/states",
        "root": "/own/root",
    }


def test_what_it_answered_last_time_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / warm.ANSWER).write_text("{}")
    write_warm_shim(tmp_path, Path("/bin/true"), "py", mode="resume", states=tmp_path, root=None)

    assert not (tmp_path / warm.ANSWER).exists()


def test_the_warm_shim_has_the_time_of_its_qemu_and_is_another_file(tmp_path: Path) -> None:
    qemu = tmp_path / "real"
    qemu.write_text("")
    os.utime(qemu, ns=(1_600_000_000_123_456_789, 1_700_000_000_123_456_789))
    shim = write_warm_shim(tmp_path, qemu, "py", mode="resume", states=tmp_path, root=None)

    assert shim != write_shim(tmp_path, qemu)
    assert shim.stat().st_mtime_ns == 1_700_000_000_123_456_789
    assert shim.stat().st_mode & 0o777 == 0o700


def test_two_sessions_share_what_libguestfs_learnt_of_a_qemu(tmp_path: Path) -> None:
    texts = set()
    for name in ("one", "another"):
        (tmp_path / name).mkdir()
        shim = write_warm_shim(tmp_path / name, Path("/bin/true"), "py", mode="resume", states=tmp_path, root=None)
        texts.add(shim.read_text())

    assert len(texts) == 1


def test_the_warm_shim_becomes_qemu_with_its_words_as_they_are(
    tmp_path: Path, programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = os.environ["PATH"]
    folder = programs(qemu='printf "<%s>" "$0" "$@"')
    monkeypatch.setenv("PATH", path)
    shim = write_warm_shim(tmp_path, folder / "qemu", sys.executable, mode="resume", states=tmp_path, root=None)

    said = process.run([shim, "-a", "b c", "", "$HOME", "--", "-h"]).stdout
    assert said == f"<{folder}/qemu><-a><b c><><$HOME><--><-h>"


def test_qemu_dies_with_what_started_it(tmp_path: Path) -> None:
    qemu = tmp_path / "real"
    pid = tmp_path / "pid"
    os.mkfifo(pid)
    qemu.write_text(f"#!/bin/sh\necho $$ >{pid}; exec sleep 1000\n")
    qemu.chmod(0o755)
    shim = write_shim(tmp_path, qemu)
    starter = "import subprocess, sys; subprocess.Popen([sys.argv[1]], start_new_session=True).wait()"
    child = process.spawn([sys.executable, "-c", starter, shim])
    with process.ending(child):
        machine = os.pidfd_open(int(pid.read_text()))
        try:
            child.kill()
            gone = select.select([machine], [], [], SOON)[0]
        finally:
            os.close(machine)

    assert gone == [machine]


def test_qemu_may_not_start_programs_or_gain_rights() -> None:
    assert SANDBOX == ("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny")
