from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit import process
from imagekit.appliance import shim
from imagekit.appliance.shim import Unfit, check, is_launch, key_of, recording, resuming, root_of
from imagekit.appliance.states import States

if TYPE_CHECKING:
    from collections.abc import Callable

UUID = "d1b7d3c3-6bb2-4a0d-8a80-5d5f8f6e0f42"
KERNEL = (
    "panic=1 console=ttyS0 edd=off udevtimeout=6000 udev.event-timeout=6000 no_timer_check lpj=9199992 "
    "printk.time=1 cgroup_disable=memory usbcore.nousb cryptomgr.notests tsc=reliable 8250.nr_uarts=1 "
    "root=UUID=@UUID@ selinux=0 quiet TERM=dumb"
)
BEFORE_DISKS = """\
-kernel @APPLIANCE@/kernel -initrd @APPLIANCE@/initrd
-object rng-random,filename=/dev/urandom,id=rng0 -device virtio-rng-pci,rng=rng0 -device virtio-scsi-pci,id=scsi"""
AFTER_DISKS = """\
-drive file=@APPLIANCE@/root,snapshot=on,id=appliance,cache=unsafe,if=none,format=raw -device scsi-hd,drive=appliance
-device virtio-serial-pci -serial stdio -chardev socket,path=@SOCKETS@/guestfsd.sock,id=channel0
-device virtserialport,chardev=channel0,name=org.libguestfs.channel.0"""
MACHINES = {
    # libguestfs 1.48 with qemu 7.2, as Debian 12 has them
    "1.48": """\
-global virtio-blk-pci.scsi=off -no-user-config -nodefaults -display none -machine accel=@ACCEL@ -cpu @CPU@ @SMP@
-m @MEMORY@ -no-reboot -rtc driftfix=slew -no-hpet -global kvm-pit.lost_tick_policy=discard""",
    # libguestfs 1.54 with qemu 10.0, as Debian 13 has them
    "1.54": """\
-no-user-config -nodefaults -display none -machine q35,accel=@ACCEL@ -cpu @CPU@ @SMP@
-m @MEMORY@ -no-reboot -rtc driftfix=slew -global kvm-pit.lost_tick_policy=discard""",
}
NETWORKS = {
    "user": "-netdev user,id=usernet,net=169.254.0.0/16 -device virtio-net-pci,netdev=usernet",
    "passt": """\
-netdev stream,id=usernet,addr.type=unix,addr.path=@SOCKETS@/passt.sock -device virtio-net-pci,netdev=usernet""",
    "": "",
}
WRITABLE = "file={path},cache=writeback,format={format},discard=unmap,id=hd{number},if=none"
# libguestfs lays an overlay of its own over a disk that is only read
READ_ONLY = (
    "file.file.filename={path},file.driver=qcow2,file.backing.file.locking=off,cache=unsafe,id=hd{number},if=none"
)
SANDBOX = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"


def quoted(path: object) -> str:
    return str(path).replace(",", ",,")


@dataclass
class Asked:
    """What libguestfs is asked for, and the words that it then has for qemu."""

    appliance: Path
    libguestfs: str = "1.48"
    memory: int = 1024
    cpus: int = 1
    accelerator: str = "tcg"
    cpu: str = "max,la57=off"
    network: str = ""
    sockets: object = "/tmp/libguestfsgzFJIi"
    runtime: str = "/run/x"
    kernel: str = KERNEL
    uuid: str = UUID
    disks: list[str] = field(default_factory=lambda: [WRITABLE.format(path="/tmp/w/p.img", format="raw", number=0)])

    def words(self) -> list[str]:
        def fill(text: str) -> list[str]:
            filled = [
                ("@APPLIANCE@", quoted(self.appliance)),
                ("@SOCKETS@", quoted(self.sockets)),
                ("@ACCEL@", self.accelerator),
                ("@CPU@", self.cpu),
                ("@SMP@", f"-smp {self.cpus}" if self.cpus > 1 else ""),
                ("@MEMORY@", str(self.memory)),
            ]
            words = text.split()
            for name, value in filled:
                words = [word.replace(name, value) for word in words]
            return [part for word in words for part in (word.split() if word.startswith("-smp ") else [word]) if part]

        disks = [
            w
            for number, disk in enumerate(self.disks)
            for w in ("-drive", disk, "-device", f"scsi-hd,drive=hd{number}")
        ]
        return [
            *fill(MACHINES[self.libguestfs]),
            *fill(BEFORE_DISKS),
            *disks,
            *fill(AFTER_DISKS),
            *fill(NETWORKS[self.network]),
            *("-append", self.kernel.replace("@UUID@", self.uuid)),
            *("-qmp", f"unix:{self.runtime}/qmp,server=on,wait=off", "-sandbox", SANDBOX),
        ]


def make_appliance(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("kernel", "initrd", "root"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def qemu(tmp_path: Path) -> str:
    path = tmp_path / "qemu-system"
    path.write_text("#!/bin/sh\n")
    return str(path)


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Asked]:
    """``asked(memory=2048)``: a command line that differs from the usual one in this."""
    appliance = make_appliance(tmp_path / "appliance.d")

    def make(**wishes: Any) -> Asked:
        return Asked(**{"appliance": appliance, **wishes})

    return make


# Which command lines are an appliance's.
@pytest.mark.parametrize("libguestfs", MACHINES)
def test_the_launch_of_an_appliance_is_told_from_a_question(asked: Callable[..., Asked], libguestfs: str) -> None:
    assert is_launch(asked(libguestfs=libguestfs).words())
    assert not is_launch(["-display", "none", "-machine", "none,accel=kvm:tcg", "-qmp", "stdio"])
    assert not is_launch(["-display", "none", "-help"])


@pytest.mark.parametrize("name", ["appliance.d", "a,b", ",", "a,id=appliance,snapshot=on", "with space", "a\nb"])
def test_the_root_is_the_file_that_libguestfs_built(tmp_path: Path, name: str) -> None:
    appliance = make_appliance(tmp_path / "x" / name)

    assert root_of(split_safe(Asked(appliance))) == str(appliance / "root")


def split_safe(asked: Asked) -> list[str]:
    """Return the words although the path of the appliance may hold white space."""
    place = asked.appliance
    asked.appliance = Path("/APPLIANCE")
    return [word.replace("/APPLIANCE", quoted(place)) for word in asked.words()]


# What a state is good for.
CHANGES = {
    "memory": {"memory": 2048},
    "processors": {"cpus": 2},
    "machine": {"libguestfs": "1.54"},
    "processor": {"cpu": "qemu64"},
    "accelerator": {"accelerator": "kvm"},
    "network card": {"network": "user"},
    "network by passt": {"network": "passt"},
    "one disk more": {"disks": [WRITABLE.format(path=f"/d{n}", format="raw", number=n) for n in (0, 1)]},
    "root": {"uuid": UUID.replace("d", "e")},
    "words of the kernel": {"kernel": KERNEL + " guestfs_verbose=1"},
}
SAME = {
    "socket": {"sockets": "/tmp/libguestfsOther"},
    "socket with a comma": {"sockets": "/run/user/a,b/libguestfsOther"},
    "socket of passt": {"network": "passt", "sockets": "/tmp/libguestfsOther"},
    "socket of passt with a comma": {"network": "passt", "sockets": "/run/user/a,b/libguestfsOther"},
    "channel": {"runtime": "/run/other"},
    "channel with a comma": {"runtime": "/run/a,b"},
    "speed of the host": {"kernel": KERNEL.replace("9199992", "8000001")},
    "path of a disk": {"disks": [WRITABLE.format(path="/srv/other.qcow2", format="raw", number=0)]},
    "path with commas": {"disks": [WRITABLE.format(path="/srv/a,,b,,id=hd7,,c", format="raw", number=0)]},
    "path with a new line": {"disks": [WRITABLE.format(path="/srv/a\nb", format="raw", number=0)]},
    "format of a disk": {"disks": [WRITABLE.format(path="/d", format="qcow2", number=0)]},
    "a disk that is only read": {"disks": [READ_ONLY.format(path="/tmp/x/overlay1.qcow2", number=0)]},
    "a disk that is only read, below commas": {"disks": [READ_ONLY.format(path="/a,,b/overlay2.qcow2", number=0)]},
}


@pytest.mark.parametrize("what", CHANGES)
def test_another_machine_has_another_key(asked: Callable[..., Asked], qemu: str, what: str) -> None:
    assert key_of(asked(**CHANGES[what]).words(), qemu) != key_of(asked().words(), qemu)


@pytest.mark.parametrize("what", SAME)
def test_what_names_only_this_session_leaves_the_key(asked: Callable[..., Asked], qemu: str, what: str) -> None:
    usual = asked(network=SAME[what].get("network", ""))

    assert usual.words() != asked(**SAME[what]).words()
    assert key_of(asked(**SAME[what]).words(), qemu) == key_of(usual.words(), qemu)


def test_two_ways_to_a_network_are_two_machines(asked: Callable[..., Asked], qemu: str) -> None:
    assert key_of(asked(network="user").words(), qemu) != key_of(asked(network="passt").words(), qemu)


def test_a_key_is_a_plain_name_for_a_folder(asked: Callable[..., Asked], qemu: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", key_of(asked().words(), qemu))


def test_a_new_qemu_fits_no_state_of_the_old_one(asked: Callable[..., Asked], qemu: str) -> None:
    words = asked().words()
    os.utime(qemu, ns=(5, 7))
    old = key_of(words, qemu)
    os.utime(qemu, ns=(5, 8))
    newer = key_of(words, qemu)
    Path(qemu).write_text("longer than before")
    os.utime(qemu, ns=(5, 8))

    assert len({old, newer, key_of(words, qemu)}) == 3


@pytest.mark.parametrize("name", ["kernel", "initrd", "root"])
def test_an_appliance_that_was_built_anew_fits_no_old_state(asked: Callable[..., Asked], qemu: str, name: str) -> None:
    usual = asked()
    old = key_of(usual.words(), qemu)
    new = usual.appliance / "new"
    new.write_text(name)
    new.rename(usual.appliance / name)  # the same size, another inode

    assert key_of(usual.words(), qemu) != old


def test_that_libguestfs_renews_the_times_of_its_appliance_changes_nothing(
    asked: Callable[..., Asked], qemu: str
) -> None:
    usual = asked()
    old = key_of(usual.words(), qemu)
    os.utime(usual.appliance / "root", (1, 1))

    assert key_of(usual.words(), qemu) == old


@pytest.mark.parametrize(("accelerator", "differs"), [("kvm", True), ("kvm:tcg", True), ("tcg", False)])
def test_only_with_kvm_the_hosts_processor_counts(
    asked: Callable[..., Asked], qemu: str, monkeypatch: pytest.MonkeyPatch, accelerator: str, *, differs: bool
) -> None:
    words = asked(accelerator=accelerator).words()
    old = key_of(words, qemu)
    monkeypatch.setattr(shim, "_processor", lambda: ["another", "0x1"])

    assert (key_of(words, qemu) != old) is differs


def test_the_processor_is_told_with_all_that_it_can_do() -> None:
    told = shim._processor()

    flags = re.search(r"^(?:flags|Features)\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    assert flags
    assert set(flags[1].split()) in [set(value.split()) for value in told]


@pytest.mark.parametrize("name", ["a,b", "a\\1b"])
def test_an_appliance_below_a_strange_path_has_a_key_too(tmp_path: Path, qemu: str, name: str) -> None:
    assert key_of(Asked(make_appliance(tmp_path / name)).words(), qemu)


# The words for qemu.
def drive(words: list[str]) -> str:
    (found,) = (word for word in words if "id=appliance" in word)
    return found


@pytest.mark.parametrize("libguestfs", MACHINES)
def test_what_is_saved_keeps_what_it_writes_to_a_root_of_its_own(asked: Callable[..., Asked], libguestfs: str) -> None:
    words = asked(libguestfs=libguestfs).words()
    saved = recording(words, "/states/.new-1/root.qcow2")

    assert drive(saved) == "file=/states/.new-1/root.qcow2,snapshot=off,id=appliance,cache=unsafe,if=none,format=qcow2"
    assert [word for word in saved if word != drive(saved)] == [word for word in words if word != drive(words)]


@pytest.mark.parametrize("libguestfs", MACHINES)
def test_what_is_resumed_has_the_saved_root_the_channel_and_the_memory(
    asked: Callable[..., Asked], libguestfs: str
) -> None:
    words = asked(libguestfs=libguestfs).words()
    resumed = resuming(words, "/states/key", 5, 6)

    assert drive(resumed) == "file=/states/key/root.qcow2,snapshot=on,id=appliance,cache=unsafe,if=none,format=qcow2"
    assert resumed[-2:] == ["-incoming", "fd:6"]
    assert [(old, new) for old, new in zip(words, resumed, strict=False) if old != new] == [
        (drive(words), drive(resumed)),
        ("socket,path=/tmp/libguestfsgzFJIi/guestfsd.sock,id=channel0", "socket,fd=5,id=channel0"),
    ]


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("/srv/a,b", "/srv/a,,b"),
        (r"/srv/\1\g<2>", r"/srv/\1\g<2>"),
        ("/srv/a,snapshot=on,id=appliance,b", "/srv/a,,snapshot=on,,id=appliance,,b"),
    ],
)
def test_a_folder_with_a_strange_name_is_told_to_qemu_as_it_understands_it(
    asked: Callable[..., Asked], folder: str, told: str
) -> None:
    words = asked().words()

    assert drive(recording(words, f"{folder}/root")).startswith(f"file={told}/root,snapshot=off,id=appliance,cache")
    assert drive(resuming(words, folder, 5, 6)).startswith(f"file={told}/root.qcow2,snapshot=on,id=appliance,cache")


def test_disks_are_left_as_they_are_whatever_they_are_called(asked: Callable[..., Asked]) -> None:
    strange = WRITABLE.format(
        path="/a,,snapshot=on,,id=appliance,,b/socket,,path=x/guestfsd.sock", format="raw", number=0
    )
    resumed = resuming(asked(disks=[strange]).words(), "/states/key", 5, 6)

    assert strange in resumed
    assert [word for word in resumed if "root.qcow2" in word and word.endswith("format=qcow2")]


# Whether a state may be used.
@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state that is as it was written."""
    states = States(tmp_path / "states")
    with states.writing(1), states.fresh() as folder:
        (folder / shim.STATE).write_bytes(b"memory")
        (folder / shim.ROOT).write_bytes(b"root")
        states.publish(folder, "key", "TCG")
    return states["key"]


def test_a_state_that_is_as_it_was_written_is_fit(state: Path) -> None:
    check(str(state))


def test_a_resume_changes_no_state(state: Path) -> None:
    (state / shim.STATE).read_bytes()
    os.utime(state)

    check(str(state))


def truncate(path: Path) -> None:
    os.truncate(path, 3)


def overwrite(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])


def copy(path: Path) -> None:
    kept = path.with_name("kept")
    shutil.copy2(path, kept)
    kept.replace(path)


def overwrite_and_hide_it(path: Path) -> None:
    before = path.stat()
    overwrite(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("name", [shim.STATE, shim.ROOT])
@pytest.mark.parametrize("spoil", [truncate, overwrite, copy, os.utime, overwrite_and_hide_it])
def test_a_file_that_was_touched_is_refused(state: Path, name: str, spoil: Callable[[Path], None]) -> None:
    spoil(state / name)

    with pytest.raises(Unfit, match=f"{name} was changed since it was written"):
        check(str(state))


@pytest.mark.parametrize("name", [shim.STATE, shim.ROOT, shim.MANIFEST])
def test_a_file_that_is_missing_is_named(state: Path, name: str) -> None:
    (state / name).unlink()

    with pytest.raises(Unfit, match=f"{name}: No such file or directory"):
        check(str(state))


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"garbage", b"[]", b"1", b"{}", b'{"files": 1}', b'{"files": []}', b'{"files": {}}']
)
def test_a_manifest_that_is_none_is_refused(state: Path, content: bytes) -> None:
    (state / shim.MANIFEST).write_bytes(content)

    with pytest.raises(Unfit, match=r"manifest.json cannot be read"):
        check(str(state))


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o707, 0o770])
@pytest.mark.parametrize("which", ["state", "states"])
def test_a_folder_that_others_may_enter_is_refused(state: Path, which: str, mode: int) -> None:
    folder = state if which == "state" else state.parent
    folder.chmod(mode)

    with pytest.raises(Unfit, match=f"{folder} is not a private folder of this user"):
        check(str(state))


@pytest.mark.parametrize("which", ["state", "states"])
def test_a_link_to_a_folder_is_refused(state: Path, tmp_path: Path, which: str) -> None:
    folder = state if which == "state" else state.parent
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Unfit, match=f"{folder} is not a private folder"):
        check(str(state))


def test_a_file_in_the_place_of_a_state_is_refused(state: Path) -> None:
    (state.parent / "file").write_text("")

    with pytest.raises(Unfit, match="not a private folder"):
        check(str(state.parent / "file"))


def test_a_state_of_another_user_is_refused(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: state.stat().st_uid + 1)

    with pytest.raises(Unfit, match="not a private folder of this user"):
        check(str(state))


# The shim as libguestfs starts it.
QEMU = """#!/bin/sh
echo qemu "$@"
"""
SETPRIV = """#!{python}
import json, os, re, sys
words = sys.argv[1:]
told = {{"words": words, "descriptors": sorted(map(int, os.listdir("/proc/self/fd")))[:-1], "memory": ""}}
if "-incoming" in words:
    memory = int(words[words.index("-incoming") + 1].removeprefix("fd:"))
    told["memory"] = os.read(memory, 100).decode()
    channel = next(int(found[1]) for word in words if (found := re.match(r"socket,fd=(\\d+),", word)))
    os.write(channel, b" and what the machine says")
print(json.dumps(told))
"""


@dataclass
class Ground:
    """A folder of a session with its shim, a listening libguestfs, and programs that tell how they were started."""

    folder: Path
    states: States
    asked: Asked

    def configure(self, mode: str) -> None:
        config = {name: str(self.folder / name) for name in ("qemu", "setpriv")}
        config |= {"mode": mode, "states": str(self.states.folder), "root": str(self.folder / "own,root")}
        (self.folder / shim.CONFIG).write_text(json.dumps(config))

    def start(self, words: list[str]) -> process.Finished:
        return process.run([sys.executable, "-I", "-S", shim.__file__, self.folder, *words], check=False)

    def answer(self) -> Any:
        return json.loads((self.folder / shim.ANSWER).read_text())

    def save(self) -> Path:
        key = key_of(self.asked.words(), str(self.folder / "qemu"))
        with self.states.writing(1), self.states.fresh() as folder:
            (folder / shim.STATE).write_bytes(b"memory")
            (folder / shim.ROOT).write_bytes(b"root")
            self.states.publish(folder, key, "TCG")
        return self.states[key]


@pytest.fixture
def ground(tmp_path: Path, asked: Callable[..., Asked]) -> Ground:
    for name, text in (("qemu", QEMU), ("setpriv", SETPRIV.format(python=sys.executable))):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "s,k").mkdir()
    made = Ground(tmp_path, States(tmp_path / "states, saved"), asked(sockets=tmp_path / "s,k"))
    made.configure("resume")
    return made


@pytest.fixture
def libguestfs(ground: Ground) -> Any:
    """The socket on which libguestfs waits for its daemon."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{ground.asked.sockets}/guestfsd.sock")
        listening.listen()
        yield listening


def test_a_question_goes_to_qemu_as_it_is(ground: Ground) -> None:
    done = ground.start(["-display", "none", "-help"])

    assert (done.status, done.stdout) == (0, "qemu -display none -help\n")
    assert not (ground.folder / shim.ANSWER).exists()


def test_a_machine_that_is_saved_dies_with_its_worker_and_gains_no_rights(ground: Ground) -> None:
    ground.configure("record")
    done = ground.start(ground.asked.words())

    told = json.loads(done.stdout)
    assert told["words"] == [
        *("--pdeathsig", "KILL", "--no-new-privs", "--", str(ground.folder / "qemu")),
        *recording(ground.asked.words(), str(ground.folder / "own,root")),
    ]
    assert told["descriptors"] == [0, 1, 2]
    assert not (ground.folder / shim.ANSWER).exists()


def test_a_machine_that_is_resumed_gets_its_memory_and_a_channel_that_has_said_the_word(
    ground: Ground, libguestfs: socket.socket
) -> None:
    state = ground.save()
    done = ground.start(ground.asked.words())

    told = json.loads(done.stdout)
    channel, memory = told["descriptors"][3:]
    with libguestfs.accept()[0] as daemon:
        said = b"".join(iter(lambda: daemon.recv(100), b""))
    assert said == b"\xf5\xf5\x5f\xf5 and what the machine says"
    assert told["memory"] == "memory"
    assert told["words"][:5] == ["--pdeathsig", "KILL", "--no-new-privs", "--", str(ground.folder / "qemu")]
    assert told["words"][5:] in (
        resuming(ground.asked.words(), str(state), channel, memory),
        resuming(ground.asked.words(), str(state), memory, channel),
    )
    assert ground.answer() == {
        "key": state.name,
        "root": str(ground.asked.appliance / "root"),
        "outcome": "resumed",
    }


def test_a_state_that_is_resumed_is_the_last_used(ground: Ground, libguestfs: socket.socket) -> None:
    state = ground.save()
    os.utime(state, (1, 1))
    ground.start(ground.asked.words())

    assert state.stat().st_mtime > 1
    assert [each.broken for each in ground.states.listed()] == [""]


def test_that_there_is_no_state_is_an_answer(ground: Ground, libguestfs: socket.socket) -> None:
    done = ground.start(ground.asked.words())

    assert (done.status, done.stdout, done.stderr) == (1, "", "")
    assert ground.answer() == {
        "key": key_of(ground.asked.words(), str(ground.folder / "qemu")),
        "root": str(ground.asked.appliance / "root"),
        "outcome": "missing",
    }


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda state: os.truncate(state / shim.STATE, 2), "state was changed since it was written"),
        (lambda state: (state / shim.ROOT).unlink(), "root.qcow2: No such file or directory"),
        (lambda state: (state / shim.MANIFEST).write_text("?"), "manifest.json cannot be read"),
        (lambda state: state.chmod(0o755), "is not a private folder of this user"),
    ],
)
def test_a_state_that_is_unfit_is_an_answer_with_the_reason(
    ground: Ground, libguestfs: socket.socket, spoil: Callable[[Path], None], why: str
) -> None:
    state = ground.save()
    spoil(state)
    done = ground.start(ground.asked.words())

    answer = ground.answer()
    assert (done.status, done.stdout, done.stderr) == (1, "", "")
    assert (answer["outcome"], answer["key"]) == ("unfit", state.name)
    assert why in answer["why"]


def test_a_link_that_leads_nowhere_is_unfit_and_not_missing(ground: Ground, libguestfs: socket.socket) -> None:
    state = ground.save()
    state.rename(ground.folder / "gone")
    state.symlink_to("nowhere")
    ground.start(ground.asked.words())

    assert ground.answer()["outcome"] == "unfit"


def test_a_libguestfs_that_does_not_listen_any_more_gets_no_machine(ground: Ground) -> None:
    ground.save()
    done = ground.start(ground.asked.words())

    assert (done.status, done.stdout) == (1, "")
    assert not (ground.folder / shim.ANSWER).exists()


def test_the_shim_needs_the_standard_library_alone() -> None:
    code = f"import runpy, sys; runpy.run_path({shim.__file__!r}); print(*sys.modules)"
    done = process.run([sys.executable, "-I", "-S", "-c", code])

    assert not [name for name in done.stdout.split() if name.partition(".")[0] in {"imagekit", "pathlib", "subprocess"}]
