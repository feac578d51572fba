from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.snapshot import Sight
from imagekit.diagnostics import SpecUnfit
from imagekit.engine import apply, identities
from imagekit.engine.apply import Applier, apply_all
from imagekit.engine.errors import IdentityCameBack, StepFailed
from imagekit.events import Event, Notice, StepFinished, StepStarted
from imagekit.guest.changes import FileState
from imagekit.guest.journal import JournaledGuest
from imagekit.steps import make_plan, resolve
from imagekit.testing.initramfs import pack_initramfs

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.receipt import StepRecord
    from imagekit.spec import Spec
    from imagekit.testing.memory import MemoryGuest

CANARY = "canary-4711"
ID = "0123456789abcdef0123456789abcdef"
PUT = "transforms: [{put: {path: /etc/motd, text: hello}}]"


@dataclass
class Bench:
    """Applies a spec to a guest that holds no identity."""

    guest: MemoryGuest
    parse: Callable[..., Spec]
    events: list[Event] = field(default_factory=list)
    witness: identities.Witness = field(default_factory=identities.Witness)
    found: identities.Found = field(default_factory=dict)

    def apply(self, text: str, *, keep: tuple[str, ...] = (), secrets: Any = None, **options: bool) -> list[StepRecord]:
        spec = self.parse(text, secrets=secrets)
        base = identities.look(self.guest)
        conceal = identities.Concealment(base)
        plan = resolve(make_plan(spec), self.guest.facts, "x86_64")
        journal = JournaledGuest(self.guest, conceal=conceal, keep_text=True)
        self.witness = identities.Witness()
        applier = Applier(journal, self.guest, self.events.append, witness=self.witness, **options)
        records, self.found = apply_all(applier, plan.steps, base, keep)
        return list(records)


@pytest.fixture
def bench(blank: MemoryGuest, parse: Callable[..., Spec], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The session is the guest itself, and looking at the tree is looking at its nodes."""
    monkeypatch.setattr(apply.snapshot, "take", sights)
    return Bench(blank, parse)


def sights(guest: MemoryGuest) -> dict[str, Sight]:
    found = {}
    for path in guest.find("/"):
        now = guest.lstat(path)
        content = guest.read_file(path) if now.kind == "file" else b""
        size = now.size if now.kind == "file" else None
        target = guest.readlink(path) if now.kind == "symlink" else None
        state = FileState(kind=now.kind, mode=now.mode, uid=now.uid, gid=now.gid, size=size, target=target)
        found[path] = Sight(state, str(hash(content)))
    return found


# Steps and what they leave in the record.
def test_a_step_is_recorded_with_what_it_changed(bench: Bench) -> None:
    bench.guest.write("/etc/motd", "")
    (record,) = bench.apply(PUT)

    assert bench.guest.read_file("/etc/motd") == b"hello"
    assert (record.id, record.position, record.kind, record.phase) == ("put", 1, "put", "content")
    assert [(change.path, change.action) for change in record.changes] == [("/etc/motd", "changed")]
    assert (record.automatic, record.opaque, record.traced, record.skipped) == (False, False, False, "")


def test_what_the_author_should_know_of_the_result_is_recorded_and_told_at_once(bench: Bench) -> None:
    (record,) = bench.apply("transforms: [tells]")

    assert record.remarks == ("it says told",)
    assert [event for event in bench.events if isinstance(event, Notice)] == [Notice("tells: it says told")]


def test_a_second_run_changes_nothing(bench: Bench) -> None:
    bench.apply(PUT)

    assert [record.changes for record in bench.apply(PUT)] == [()]


def test_the_caller_hears_of_each_step_as_it_begins_and_ends(bench: Bench) -> None:
    bench.guest.answer(lambda argv, env: 0)
    bench.apply("transforms: [{put: {path: /etc/motd, text: hello}}, {command: id}]")

    first, done, second, end = bench.events
    assert (first, second) == (StepStarted(1, 2, "put", "put"), StepStarted(2, 2, "command", "command id"))
    assert isinstance(done, StepFinished)
    assert (done.position, done.kind, done.changes) == (1, "put", 1)
    assert isinstance(end, StepFinished)


def test_programs_that_ran_are_counted(bench: Bench) -> None:
    bench.guest.answer(lambda argv, env: 0)
    first, second = bench.apply("transforms: [{command: id}, {put: {path: /x}}]")

    assert (first.commands, second.commands) == (1, 0)
    assert (first.opaque, second.opaque) == (True, False)


def test_a_step_that_is_not_for_this_guest_does_not_run_and_says_why(bench: Bench) -> None:
    (record,) = bench.apply("transforms: [{put: {path: /x}, when: {family: rhel}}]")

    assert "rhel" in record.skipped
    assert not bench.guest.exists("/x")
    assert bench.events == []


def test_static_runs_no_program_and_lists_what_it_left_out(bench: Bench) -> None:
    ran, left = bench.apply("transforms: [{put: {path: /x}}, {command: {word: id, again: true}}]", static=True)

    assert (ran.skipped, left.skipped) == ("", "it runs guest programs, and --static runs none")
    assert (ran.unseen, left.unseen) == (False, True)
    assert left.volatile
    assert bench.guest.commands == []


# What goes wrong.
def test_a_guest_that_does_not_fit_is_told_at_its_place_in_the_spec(bench: Bench) -> None:
    text = "transforms:\n  - put: {path: /x}\n  - objects: {zone: Mars}\n"

    with pytest.raises(SpecUnfit) as unfit:
        bench.apply(text)
    (diagnostic,) = unfit.value.diagnostics
    assert (str(diagnostic.place), diagnostic.field) == ("spec.yaml:3:21", "transforms[1].zone")
    assert (diagnostic.code, diagnostic.message, diagnostic.fix) == ("IK-TST-001", "no zone Mars", "take another")
    assert unfit.value.exit_status == 4


def test_a_step_that_fails_is_told_by_its_number_kind_and_place(bench: Bench) -> None:
    text = "transforms:\n  - put: {path: /x}\n  - fails\n"

    with pytest.raises(StepFailed) as failed:
        bench.apply(text)
    assert failed.value.exit_status == 7
    assert failed.value.message == "spec.yaml:3:5  step 2 (fails) failed: write: the guest has no /no/where"
    document = failed.value.document()
    assert (document["code"], document["step"], document["cause"]) == ("IK-STEP-001", "fails", "IK-GST-001")


def test_an_error_that_is_none_of_a_step_passes_as_it_is(bench: Bench) -> None:
    def run(argv: Any, env: Any) -> int:
        raise ZeroDivisionError

    bench.guest.answer(run)

    with pytest.raises(ZeroDivisionError):
        bench.apply("transforms: [command]")


# Secrets.
SECRET = """
secrets: {word: {env: CANARY}}
transforms:
  - put: {path: /etc/secret, text: {secret: word}}
  - command: touch
"""


def test_what_is_made_from_a_secret_has_no_digest_and_no_diff(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    bench.guest.answer(lambda argv, env: 0)
    record, _ = bench.apply(SECRET)
    (change,) = record.changes

    assert record.secret
    assert change.after
    assert (change.after.sha256, change.after.size, change.diff) == (None, None, None)
    assert CANARY not in record.model_dump_json()


def test_a_later_program_that_adds_to_a_secret_has_no_digest_of_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", CANARY)

    def add(argv: Any, env: Any) -> int:
        bench.guest.write_append("/etc/secret", "x")
        bench.guest.write("/etc/other", "x")
        return 0

    bench.guest.answer(add)
    _, record = bench.apply(SECRET, trace=True)
    other, secret = record.changes

    assert (other.path, secret.path) == ("/etc/other", "/etc/secret")
    assert other.after
    assert other.after.sha256
    assert secret.after
    assert (secret.after.sha256, secret.after.size) == (None, None)


# Looking at the tree around programs.
def test_what_a_program_changed_is_recorded_if_the_tree_is_looked_at(bench: Bench) -> None:
    def run(argv: Any, env: Any) -> int:
        bench.guest.write("/etc/made", "x")
        bench.guest.rm_f("/etc/hostname")
        return 0

    bench.guest.answer(run)
    (record,) = bench.apply("transforms: [command]", trace=True)

    assert record.traced
    assert [(change.path, change.action) for change in record.changes] == [
        ("/etc/hostname", "removed"),
        ("/etc/made", "created"),
    ]
    assert [isinstance(event, StepFinished) and event.changes for event in bench.events] == [False, 2]


def test_without_a_look_a_program_leaves_no_changes_in_the_record(bench: Bench) -> None:
    def run(argv: Any, env: Any) -> int:
        bench.guest.write("/etc/made", "x")
        return 0

    bench.guest.answer(run)
    (record,) = bench.apply("transforms: [command]")

    assert (record.traced, record.changes) == (False, ())


def test_a_step_that_runs_no_program_is_not_looked_at(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply.snapshot, "take", lambda _: pytest.fail("it was looked at"))
    (record,) = bench.apply(PUT, trace=True)

    assert not record.traced


def test_an_identity_that_a_program_leaves_is_recorded_without_what_is_in_it(
    bench: Bench, brings: Callable[[str, str], None]
) -> None:
    brings("/etc/machine-id", f"{ID}\n")
    record, _ = bench.apply("transforms: [command]", trace=True)
    (change,) = record.changes

    assert change.path == "/etc/machine-id"
    assert change.after
    assert (change.after.sha256, change.after.size) == (None, None)
    assert ID not in record.model_dump_json()


# Identities.
def test_an_identity_that_a_build_brings_is_reset_at_the_end(bench: Bench, brings: Callable[[str, str], None]) -> None:
    brings("/etc/machine-id", f"{ID}\n")
    command, reset = bench.apply("transforms: [command]")

    assert bench.guest.read_file("/etc/machine-id") == b""
    assert (reset.id, reset.kind, reset.phase, reset.position) == ("reset-machine-id", "reset", "closing", 2)
    assert reset.automatic
    assert not command.automatic
    assert [change.path for change in reset.changes] == ["/etc/machine-id"]
    assert ID not in reset.model_dump_json()
    assert StepStarted(2, 2, "reset", reset.title) in bench.events


def test_an_identity_that_the_spec_keeps_is_kept(bench: Bench, brings: Callable[[str, str], None]) -> None:
    brings("/etc/machine-id", f"{ID}\n")
    records = bench.apply("transforms: [command]", keep=("machine-id",))

    assert [record.kind for record in records] == ["command"]
    assert bench.guest.read_file("/etc/machine-id") == f"{ID}\n".encode()


def test_an_identity_that_a_step_wrote_is_kept(bench: Bench) -> None:
    records = bench.apply(f"transforms: [{{put: {{path: /etc/machine-id, text: {ID}}}}}]")

    assert [record.kind for record in records] == ["put"]
    assert bench.guest.read_file("/etc/machine-id") == ID.encode()


def test_an_identity_that_the_base_had_is_left_to_the_spec(bench: Bench) -> None:
    bench.guest.write("/etc/machine-id", f"{ID}\n")

    assert [record.kind for record in bench.apply(PUT)] == ["put"]
    assert bench.guest.read_file("/etc/machine-id") == f"{ID}\n".encode()


def test_what_a_step_reset_stays_reset(bench: Bench) -> None:
    bench.guest.write("/etc/machine-id", f"{ID}\n")
    (record,) = bench.apply("transforms: [machine-id]")

    assert record.phase == "closing"
    assert ID not in record.model_dump_json()
    assert bench.guest.read_file("/etc/machine-id") == b""


def test_what_was_reset_and_is_there_again_fails_the_build(bench: Bench) -> None:
    bench.guest.write("/etc/machine-id", f"{ID}\n")
    bench.guest.answer(lambda argv, env: 0)

    with pytest.raises(IdentityCameBack) as back:
        bench.apply("transforms: [claims]")
    assert (back.value.identity, back.value.paths, back.value.exit_status) == ("machine-id", ("/etc/machine-id",), 7)
    assert ID not in str(back.value.document())


def test_what_a_step_that_did_not_run_would_have_reset_is_not_looked_for(bench: Bench) -> None:
    bench.guest.write("/etc/machine-id", f"{ID}\n")

    (record,) = bench.apply("transforms: [claims]", static=True)
    assert record.skipped
    (record,) = bench.apply("transforms: [{claims: {}, when: {family: rhel}}]")
    assert record.skipped


KEY, PUBLIC = "/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ed25519_key.pub"


def runs(bench: Bench, files: dict[str, str]) -> None:
    """Have every program of the guest leave files behind."""

    def run(argv: Any, env: Any) -> int:
        for path, content in files.items():
            bench.guest.add(path, content)
        return 0

    bench.guest.answer(run)


def test_everything_that_a_package_brings_is_reset_and_told_who_makes_it_anew(bench: Bench) -> None:
    runs(bench, {"/etc/machine-id": ID, "/var/lib/dbus/machine-id": ID, KEY: "k", PUBLIC: "p"})
    _, *resets = bench.apply("transforms: [command]")

    assert [record.id for record in resets] == ["reset-machine-id", "reset-dbus-machine-id", "reset-ssh-host-keys"]
    assert set(bench.found.values()) == {()}
    assert bench.guest.readlink("/var/lib/dbus/machine-id") == "/etc/machine-id"
    assert bench.guest.exists("/etc/systemd/system/multi-user.target.wants/imagekit-ssh-host-keys.service")
    told = {state.id: state for state in identities.records(bench.guest, bench.found, ())}
    assert all(told[name].returns for name in ("machine-id", "dbus-machine-id", "ssh-host-keys"))


def test_each_identity_is_kept_by_its_own_name_alone(bench: Bench) -> None:
    runs(bench, {"/etc/machine-id": ID, KEY: "k"})
    records = bench.apply("transforms: [command]", keep=("ssh-host-keys",))

    assert [record.id for record in records[1:]] == ["reset-machine-id"]
    assert bench.guest.read_file(KEY) == b"k"


def test_what_a_step_wrote_stays_when_a_package_brings_more_of_it(bench: Bench) -> None:
    runs(bench, {"/etc/ssh/ssh_host_rsa_key": "k", PUBLIC: "p"})
    records = bench.apply(f"transforms: [{{put: {{path: {KEY}, text: mine}}}}, command]")

    assert [record.id for record in records] == ["put", "command", "reset-ssh-host-keys"]
    assert bench.guest.glob_expand("/etc/ssh/ssh_host_*") == (KEY,)
    assert bench.found["ssh-host-keys"] == (KEY,)


def test_a_blank_that_a_step_wrote_spares_nothing_that_a_package_puts_there(bench: Bench) -> None:
    runs(bench, {"/etc/machine-id": ID})
    records = bench.apply("transforms: [{put: {path: /etc/machine-id, text: uninitialized}}, command]")

    assert [record.id for record in records] == ["put", "command", "reset-machine-id"]
    assert bench.guest.read_file("/etc/machine-id") == b""


def test_an_id_that_a_step_wrote_over_a_blank_is_spared(bench: Bench) -> None:
    blank, written = "{path: /etc/machine-id}", f"{{path: /etc/machine-id, text: {ID}}}"
    records = bench.apply(f"transforms: [{{put: {blank}}}, {{put: {written}}}]")

    assert [record.kind for record in records] == ["put", "put"]
    assert bench.guest.read_file("/etc/machine-id") == ID.encode()


def test_a_secret_key_is_spared_though_the_configuration_names_it_only_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    text = """
secrets: {word: {env: CANARY}}
transforms:
  - put: {path: /srv/key, text: {secret: word}}
  - put: {path: /etc/ssh/sshd_config.d/key.conf, text: HostKey /srv/key}
"""
    bench.guest.mkdir_p("/srv")
    records = bench.apply(text)

    assert [record.kind for record in records] == ["put", "put"]
    assert bench.guest.read_file("/srv/key") == CANARY.encode()


def test_a_reset_that_does_not_hold_fails_the_build(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    runs(bench, {KEY: "k"})
    monkeypatch.setattr(bench.guest, "erase", lambda *paths: None)

    with pytest.raises(IdentityCameBack) as back:
        bench.apply("transforms: [command]")
    assert (back.value.identity, back.value.paths) == ("ssh-host-keys", (KEY,))


def test_nothing_is_told_of_a_key_that_came_and_went_at_a_place_of_its_own(bench: Bench) -> None:
    bench.guest.add("/etc/ssh/sshd_config.d/a.conf", "HostKey /srv/key\n")
    runs(bench, {"/srv/key": "hush", "/etc/other": "x"})
    asked = bench.apply("transforms: [command, ssh-host-keys]", trace=True)
    bench.guest.rm_f("/etc/other")
    unasked = bench.apply("transforms: [command]", trace=True)

    for records in (asked, unasked):
        told = {change.path: change for record in records for change in record.changes}
        assert told["/etc/other"].after.sha256
        states = [
            state
            for record in records
            for change in record.changes
            if change.path == "/srv/key"
            for state in (change.before, change.after)
            if state
        ]
        assert states
        assert [(state.sha256, state.size) for state in states] == [(None, None)] * len(states)


@pytest.mark.parametrize("spec", ["transforms: [command]", "transforms: [command, machine-id]"])
def test_a_machine_id_that_was_there_on_the_way_is_known_and_can_be_hidden(bench: Bench, spec: str) -> None:
    runs(bench, {"/etc/machine-id": ID, f"/var/log/journal/{ID}/system.journal": ""})
    bench.apply(spec)

    assert bench.witness.machine_ids == {ID}


# Copies in the initramfs.
IMAGE = "/boot/initramfs-5.14.0-427.13.1.el9_4.x86_64.img"


@pytest.fixture
def copied(rocky: MemoryGuest, parse: Callable[..., Spec], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A guest whose initramfs was made for one host."""
    monkeypatch.setattr(apply.snapshot, "take", sights)
    rocky.add(IMAGE, pack_initramfs({"etc/machine-id": f"{ID}\n"}))
    return Bench(rocky, parse)


def dracut(bench: Bench, content: str, more: dict[str, str] | None = None) -> None:
    def run(argv: tuple[str, ...], env: Any) -> int:
        bench.guest.write(argv[-2], pack_initramfs({"etc/machine-id": content}))
        for path, text in (more or {}).items():
            bench.guest.write(path, text)
        return 0

    bench.guest.answer(run)


def test_an_initramfs_that_held_a_copy_of_what_was_reset_is_made_anew_once(copied: Bench) -> None:
    dracut(copied, "")
    _, rebuilt = copied.apply("transforms: [machine-id]", trace=True)
    again = copied.apply("transforms: [machine-id]")

    assert (rebuilt.id, rebuilt.kind, rebuilt.phase, rebuilt.position) == (
        "rebuild-initramfs",
        "initramfs",
        "closing",
        2,
    )
    assert (rebuilt.automatic, rebuilt.opaque, rebuilt.traced, rebuilt.commands) == (True, True, True, 1)
    assert [change.path for change in rebuilt.changes] == [IMAGE]
    assert [argv[argv.index(IMAGE) :] for argv, _, _ in copied.guest.commands] == [(IMAGE, IMAGE[16:-4])]
    assert [record.kind for record in again] == ["machine-id"]


def test_a_copy_that_is_there_after_all_fails_the_build(copied: Bench) -> None:
    dracut(copied, ID)

    with pytest.raises(IdentityCameBack) as back:
        copied.apply("transforms: [machine-id]")
    assert (back.value.identity, back.value.paths) == ("machine-id", (f"{IMAGE}: etc/machine-id",))


def test_what_the_making_of_an_initramfs_brings_back_fails_the_build(copied: Bench) -> None:
    dracut(copied, "", {"/etc/machine-id": f"{ID}\n"})

    with pytest.raises(IdentityCameBack) as back:
        copied.apply("transforms: [machine-id]")
    assert back.value.paths == ("/etc/machine-id",)


def test_static_tells_that_an_initramfs_would_be_made_anew(copied: Bench) -> None:
    _, left = copied.apply("transforms: [machine-id]", static=True)

    assert (left.id, left.unseen, copied.guest.commands) == ("rebuild-initramfs", True, [])
    assert "--static" in left.skipped


def test_a_copy_of_what_was_not_reset_stays(copied: Bench) -> None:
    assert [record.kind for record in copied.apply(PUT)] == ["put"]


# generalize.
def test_a_template_is_made_and_what_a_step_wrote_is_spared_and_a_second_run_changes_nothing(bench: Bench) -> None:
    bench.guest.write("/etc/machine-id", f"{ID}\n")
    bench.guest.add("/tmp/old", "x")
    text = "transforms: [generalize, {put: {path: /tmp/new, text: mine}}, {put: {path: /etc/ssh/ssh_host_rsa_key, text: k}}]"
    first = bench.apply(text)
    second = bench.apply(text)

    assert bench.guest.ls("/tmp") == ("new",)
    assert bench.guest.read_file("/etc/machine-id") == b""
    assert bench.guest.exists("/etc/ssh/ssh_host_rsa_key")
    assert [record.kind for record in first] == ["put", "put", "generalize"]
    assert any("kept temporary files" in remark for remark in first[-1].remarks)
    assert [record.changes for record in second] == [(), (), ()]


def test_a_fixed_machine_id_beside_generalize_stays(bench: Bench) -> None:
    bench.guest.write("/etc/machine-id", f"{ID}\n")
    bench.apply(f"transforms: [generalize, machine-id: '{'a' * 32}']")

    assert bench.guest.read_file("/etc/machine-id") == b"a" * 32 + b"\n"


def test_what_generalize_had_to_leave_does_not_fail_the_build(bench: Bench) -> None:
    bench.guest.add("/etc/hostid", "x")
    bench.guest.add("/usr/sbin/zpool", "")
    (record,) = bench.apply("transforms: [generalize]")

    assert bench.guest.exists("/etc/hostid")
    assert any("(hostid)" in remark for remark in record.remarks)


def test_what_a_build_brings_is_left_and_told_where_nobody_would_make_a_new_one(bench: Bench) -> None:
    runs(bench, {"/etc/hostid": "x", "/usr/sbin/zpool": ""})
    records = bench.apply("transforms: [command]")

    assert [record.kind for record in records] == ["command"]
    assert bench.guest.exists("/etc/hostid")
    assert any(isinstance(event, Notice) and "nothing would make a new one" in event.text for event in bench.events)


def test_what_a_build_brings_of_mere_traces_stays(bench: Bench) -> None:
    runs(bench, {"/tmp/x": "x", "/root/.ssh/id_rsa": "x", "/var/log/x.log": "x"})
    records = bench.apply("transforms: [command]")

    assert [record.kind for record in records] == ["command"]
    assert bench.guest.exists("/root/.ssh/id_rsa")
