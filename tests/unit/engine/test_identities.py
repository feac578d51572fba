from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.engine.errors import IdentityCameBack, UnknownIdentity
from imagekit.engine.identities import (
    Concealment,
    Found,
    Witness,
    appeared,
    check_blank,
    check_names,
    look,
    machine_ids,
    records,
    watched,
)
from imagekit.guest.changes import Change, FileState
from imagekit.guest.journal import JournaledGuest
from imagekit.machine_id import IMAGEKIT, app_specific
from imagekit.receipt import StepRecord

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

ID = "0123456789abcdef0123456789abcdef"
NOTHING: dict[str, tuple[str, ...]] = {item.id: () for item in watched()}
MACHINE = {**NOTHING, "machine-id": ("/etc/machine-id",)}
KEYS = {**NOTHING, "ssh-host-keys": ("/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_rsa_key.pub")}


# What there is.
def test_what_brands_a_template_is_looked_for_and_no_mere_trace(debian: MemoryGuest) -> None:
    debian.add("/tmp/x", "x")
    found = look(debian)

    assert found.keys() == NOTHING.keys()
    assert found["machine-id"] == ("/etc/machine-id",)
    assert "tmp" not in found


def test_what_is_asked_for_is_looked_for_too(debian: MemoryGuest) -> None:
    debian.add("/tmp/x", "x")

    assert look(debian, ["tmp"])["tmp"] == ("/tmp/x",)


def test_a_look_asks_for_every_pattern_in_one_call(debian: MemoryGuest) -> None:
    asked: list[str] = []
    real = debian.glob_expand
    debian.glob_expand = lambda pattern: (asked.append(pattern), real(pattern))[1]
    look(debian)

    items = {pattern: item.id for item in watched() for pattern in item.paths}
    assert len([pattern for pattern in asked if "etc/hostid" in pattern]) == 1
    assert len(asked) < len(items) / 2


def test_a_guest_without_identities_has_none(blank: MemoryGuest) -> None:
    assert look(blank) == NOTHING


# What a build brought.
def brought(before: Found, now: Found, *, held: object = (), keep: object = ()) -> list[str]:
    return [item.id for item in appeared(before, now, held=held, keep=keep)]


def test_what_was_blank_and_is_there_was_brought() -> None:
    assert brought(NOTHING, MACHINE) == ["machine-id"]
    assert brought(NOTHING, MACHINE | KEYS | {"machine-id": ("/etc/machine-id",)}) == ["machine-id", "ssh-host-keys"]


@pytest.mark.parametrize(("before", "now"), [(NOTHING, NOTHING), (MACHINE, MACHINE), (MACHINE, NOTHING)])
def test_what_was_there_or_is_not_was_not_brought(before: Found, now: Found) -> None:
    assert brought(before, now) == []


def test_what_the_spec_keeps_was_not_brought() -> None:
    assert brought(NOTHING, MACHINE, keep=("machine-id",)) == []
    assert brought(NOTHING, MACHINE, keep=("ssh-host-keys",)) == ["machine-id"]


def test_what_a_step_wrote_was_not_brought_unless_there_is_more_of_it() -> None:
    both = {"/etc/ssh/ssh_host_rsa_key": "step", "/etc/ssh/ssh_host_rsa_key.pub": "step"}

    assert brought(NOTHING, KEYS, held=both) == []
    assert brought(NOTHING, KEYS, held={"/etc/ssh/ssh_host_rsa_key": "step"}) == ["ssh-host-keys"]
    assert brought(NOTHING, KEYS, held={"/etc/ssh/sshd_config": "step"}) == ["ssh-host-keys"]


# Names in a spec.
def test_names_of_the_catalogue_are_let_pass() -> None:
    assert check_names(NOTHING) is None


def test_a_name_that_the_catalogue_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(UnknownIdentity) as unknown:
        check_names(("machine-id", "machineid"))

    assert unknown.value.name == "machineid"
    assert unknown.value.exit_status == 2
    assert "machine-id" in unknown.value.fix


# The last look.
def test_a_folder_that_stays_for_what_is_spared_in_it_did_not_come_back() -> None:
    check_blank({"tmp": ("/tmp/a",)}, ["tmp"], spared={"/tmp/a/b"})

    with pytest.raises(IdentityCameBack):
        check_blank({"tmp": ("/tmp/a", "/tmp/b")}, ["tmp"], spared={"/tmp/a/b"})


def test_what_is_still_blank_passes(blank: MemoryGuest) -> None:
    assert check_blank(look(blank), NOTHING) is None


def test_only_what_was_reset_is_looked_for(debian: MemoryGuest) -> None:
    assert check_blank(look(debian), ()) is None

    with pytest.raises(IdentityCameBack) as back:
        check_blank(look(debian), ("machine-id",))
    assert (back.value.identity, back.value.paths) == ("machine-id", ("/etc/machine-id",))


def test_what_was_spared_is_no_identity_that_came_back() -> None:
    check_blank(KEYS, NOTHING, spared=KEYS["ssh-host-keys"])

    with pytest.raises(IdentityCameBack) as back:
        check_blank(KEYS, NOTHING, spared={"/etc/ssh/ssh_host_rsa_key"})
    assert back.value.paths == ("/etc/ssh/ssh_host_rsa_key.pub",)


# What a receipt tells.
def test_an_identity_is_told_as_there_or_as_blank_and_who_makes_a_new_one(blank: MemoryGuest) -> None:
    blank.write("/etc/machine-id", f"{ID}\n")
    told = {record.id: record for record in records(blank, look(blank), {"machine-id"})}

    assert told.keys() == NOTHING.keys()
    assert (told["machine-id"].state, told["machine-id"].returns) == ("present", "")
    assert told["machine-id"].recognised == app_specific(ID, IMAGEKIT)
    assert (told["machine-id"].involved, told["dbus-machine-id"].involved) == (True, False)
    assert (told["dbus-machine-id"].recognised, told["ssh-host-keys"].recognised) == ("", "")
    assert told["dbus-machine-id"].state == "blank"
    assert told["dbus-machine-id"].returns == "it is a link to /etc/machine-id"
    assert ID not in str(told)


# What may not be told.
@pytest.mark.parametrize("path", ["/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/ssh/ssh_host_ed25519_key.pub"])
def test_a_path_that_may_hold_an_identity_is_concealed_whatever_is_there(path: str) -> None:
    assert Concealment(NOTHING)(path)


def test_a_path_that_held_an_identity_in_the_base_is_concealed() -> None:
    conceal = Concealment({**NOTHING, "ssh-host-keys": ("/srv/keys/rsa",)})

    assert conceal("/srv/keys/rsa")
    assert not conceal("/srv/keys/other")


@pytest.mark.parametrize("path", ["/etc/motd", "/etc/ssh/sshd_config", "/etc/machine-id.bak"])
def test_other_paths_are_told(path: str) -> None:
    assert not Concealment(NOTHING)(path)


@pytest.mark.parametrize("path", ["/root/.bash_history", "/srv/ada/.ssh/id_rsa", "/var/log/app/x.log"])
def test_what_people_and_programs_wrote_down_is_concealed_wherever_homes_are(path: str) -> None:
    assert Concealment(NOTHING)(path)


@pytest.mark.parametrize("path", ["/etc/hostname", "/etc/netplan/x.yaml", "/tmp/x"])
def test_what_is_an_identity_and_no_secret_is_told(path: str) -> None:
    assert not Concealment({**NOTHING, "hostname": ("/etc/hostname",)})(path)


def test_the_machine_ids_of_both_files_are_known(debian: MemoryGuest) -> None:
    debian.write("/etc/machine-id", f"{ID}\n")
    debian.write("/var/lib/dbus/machine-id", f"{'f' * 32}\n")

    assert machine_ids(debian) == {ID, "f" * 32}


@pytest.mark.parametrize("text", ["", "uninitialized\n", "0" * 32 + "\n", "short\n"])
def test_what_is_no_machine_id_conceals_nothing(blank: MemoryGuest, text: str) -> None:
    blank.write("/etc/machine-id", text)

    assert machine_ids(blank) == frozenset()


# What a build showed on its way.
def test_a_witness_remembers_what_is_gone_in_the_end(debian: MemoryGuest) -> None:
    witness = Witness()
    debian.write("/etc/machine-id", f"{ID}\n")
    found = witness.look(debian, {"machine-id"})
    debian.write("/etc/machine-id", "")
    later = witness.look_last(debian)

    assert found == {"machine-id": ("/etc/machine-id",)}
    assert witness.seen >= {"machine-id", "ssh-host-keys"}
    assert later.keys() == NOTHING.keys()
    assert {"/etc/machine-id", "/etc/ssh/ssh_host_rsa_key"} <= witness.paths
    assert ID in witness.machine_ids


def test_a_blank_that_was_written_holds_nothing_and_an_identity_does(debian: MemoryGuest) -> None:
    witness, journal = Witness(), JournaledGuest(debian)
    journal.begin("put")
    journal.write("/etc/machine-id", "")
    journal.write("/etc/ssh/ssh_host_rsa_key", "mine")
    journal.write("/etc/motd", "x")
    journal.end()
    witness.see_written(journal, list(journal.held))
    blank = set(journal.held)
    journal.begin("put-2")
    journal.write("/etc/machine-id", f"{ID}\n")
    journal.end()
    witness.see_written(journal, ["/etc/machine-id"])

    assert blank == {"/etc/ssh/ssh_host_rsa_key", "/etc/motd"}
    assert "/etc/machine-id" in journal.held


def test_a_step_that_resets_is_believed_and_a_partial_one_only_for_what_is_blank(debian: MemoryGuest) -> None:
    witness = Witness()
    debian.add("/tmp/kept", "x")
    debian.write("/etc/machine-id", "")
    names = ("machine-id", "ssh-host-keys", "tmp")
    witness.see_reset(debian, names, partial=True, spared={"/tmp/kept"})
    witness.see_reset(debian, ("dbus-machine-id",), partial=False, spared=())

    assert (witness.blank, witness.partly) == ({"dbus-machine-id"}, {"machine-id", "tmp"})


def test_what_a_record_tells_of_an_identity_that_a_witness_saw_is_taken_out() -> None:
    state = FileState(kind="file", mode=0o600, uid=0, gid=0, size=9, sha256="a" * 64)
    changes = tuple(Change(path=path, action="created", after=state) for path in ("/srv/key", "/srv/other"))
    record = StepRecord(id="run", position=1, kind="run", title="run", phase="content", changes=changes)

    (told,) = Witness(paths={"/srv/key"}).concealing([record])

    key, other = told.changes
    assert key.after == state.concealed()
    assert other == changes[1]
