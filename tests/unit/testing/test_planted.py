from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from imagekit.testing.memory import Dir, MemoryGuest
from imagekit.testing.planted import PlantedItem, Planting, canaries, read_planting

PLANTING = read_planting()


def test_the_canaries_of_an_item_are_its_own_and_always_the_same() -> None:
    text, digits, card = canaries("machine-id")

    assert canaries("machine-id") == (text, digits, card)
    assert not set(canaries("hostid")) & {text, digits, card}
    assert re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}8[0-9a-f]{15}", digits)
    assert re.fullmatch(r"52:54(:[0-9a-f]{2}){4}", card)


def test_what_is_described_is_planted_with_mode_and_owner_and_its_canary() -> None:
    guest = MemoryGuest({"/etc/passwd": "root:x:0:0::/root:/bin/sh\n"})
    PLANTING.plant(guest, ["ssh-user", "grubenv"])
    key = f"{PLANTING.person.home}/.ssh/id_ed25519"
    found = guest.lstat(key)

    assert guest.read_file(key).decode() == canaries("ssh-user")[0]
    assert (found.mode, found.uid, found.gid) == (0o600, 1001, 1001)
    assert guest.lstat("/boot/grub/grubenv").size == 1024
    assert f"ada:x:1001:100::{PLANTING.person.home}:/bin/sh\n" in guest.read_file("/etc/passwd").decode()


def test_what_a_reset_looks_at_is_put_beside_it() -> None:
    guest = MemoryGuest()
    PLANTING.plant(guest, ["snakeoil"])

    assert guest.lstat("/usr/sbin/make-ssl-cert").mode == 0o755


def test_a_family_has_what_is_its_own_and_what_every_one_has() -> None:
    item = PlantedItem(files={"/x": "{canary}"})
    planting = Planting(
        person=PLANTING.person, items={"all": item, "some": item.model_copy(update={"families": ("rhel",)})}
    )

    assert planting.ids("rhel") == ("all", "some")
    assert planting.ids("debian") == ("all",)


def test_every_planted_file_holds_something_to_look_for() -> None:
    bare = [
        path
        for name in PLANTING.items
        for path, file in PLANTING.files(name).items()
        if path != "/var/spool/cron/atjobs/.SEQ"
        if not any(canary in f"{path} {file.content!r}" for canary in canaries(name))
    ]

    assert bare == []


def test_a_description_that_is_none_is_refused(tmp_path) -> None:
    (tmp_path / "planted.yaml").write_text("items: {x: {files: {}, colour: red}}\n")

    with pytest.raises(ValidationError):
        read_planting(tmp_path / "planted.yaml")


def test_a_tar_holds_the_files_alone_so_that_folders_of_a_real_guest_keep_their_modes(tmp_path) -> None:
    guest = MemoryGuest({"/tmp": Dir(0o1777)})
    PLANTING.write_tar(tmp_path / "planted.tar", ["tmp", "rndc"])
    guest.tar_in(tmp_path / "planted.tar", "/")
    key = guest.lstat("/etc/bind/rndc.key")

    assert guest.read_file("/tmp/build/x").decode() == canaries("tmp")[0]
    assert guest.lstat("/tmp").mode == 0o1777
    assert (key.mode, key.gid) == (0o640, 53)
    assert not guest.exists("/usr/sbin/rndc-confgen")
