from __future__ import annotations

import pytest

from imagekit.guest.fstab import Entry, parse


def entry(line: str) -> Entry:
    (found,) = parse(line)
    return found


def test_an_entry_is_what_where_as_what_and_how() -> None:
    assert parse("UUID=beef / ext4 noatime,errors=remount-ro 0 1\n") == (
        Entry("UUID=beef", "/", "ext4", ("noatime", "errors=remount-ro")),
    )


def test_comments_and_blank_lines_are_left_out() -> None:
    assert parse("# /dev/sda1 / ext4\n\n   \n\t# x\n/dev/sda2\t/boot  ext4\n") == (
        Entry("/dev/sda2", "/boot", "ext4", ()),
    )


@pytest.mark.parametrize("line", ["/dev/sda1", "/dev/sda1 /", "nonsense"])
def test_a_line_that_is_none_is_left_out(line: str) -> None:
    assert parse(f"{line}\n/dev/sda2 /x ext4 defaults\n") == (Entry("/dev/sda2", "/x", "ext4", ("defaults",)),)


def test_blanks_in_names_are_written_in_octal() -> None:
    found = entry(r"LABEL=my\040disk /srv/a\011b\134c ext4 defaults")

    assert (found.spec, found.file) == ("LABEL=my disk", "/srv/a\tb\\c")


def test_a_tag_may_stand_in_quotes() -> None:
    assert entry('UUID="beef" / ext4 defaults').spec == "UUID=beef"


def test_a_hash_inside_a_word_begins_no_comment() -> None:
    assert entry("LABEL=disk#1 /srv/c# ext4 x=a#b 0 0") == Entry("LABEL=disk#1", "/srv/c#", "ext4", ("x=a#b",))


@pytest.mark.parametrize(
    "line",
    [
        "/dev/sda1 / ext4",
        "UUID=beef /boot ext4 defaults",
        "LABEL=x /data auto nofail",
        "/dev/mapper/vg-home /home xfs",
        "/dev/sda1 /boot/efi vfat umask=0077",
    ],
)
def test_a_file_system_of_the_guests_own_disks_is_on_disk(line: str) -> None:
    assert entry(line).on_disk


@pytest.mark.parametrize(
    "line",
    [
        "UUID=beef none swap sw",
        "/dev/sda2 swap swap defaults",
        "proc /proc proc defaults",
        "tmpfs /tmp tmpfs size=1g",
        "server:/export /srv nfs defaults",
        "//server/share /srv cifs credentials=/root/x",
        "/dev/sr0 /media/cdrom udf,iso9660 user,noauto",
        "/dev/sr0 /media/cdrom iso9660 ro",
        "/var/a /var/b none bind",
        "/dev/sda3 /x ext4 bind",
        "/dev/sda3 /x ext4 rbind",
        "/dev/sda3 /backup ext4 noauto",
        "user@host: /x fuse.sshfs defaults",
        "/dev/sda4 /x fuseblk defaults",
        "overlay /x overlay lowerdir=/a",
    ],
)
def test_what_is_not_on_the_guests_disks_at_boot_is_not_on_disk(line: str) -> None:
    assert not entry(line).on_disk


def test_an_option_has_its_value() -> None:
    found = entry("UUID=beef / btrfs subvol=@,compress=zstd:1,ro 0 0")

    assert (found.option("subvol"), found.option("compress")) == ("@", "zstd:1")
    assert (found.option("ro"), found.option("sub")) == (None, None)


def test_an_empty_table_has_no_entries() -> None:
    assert parse("") == ()
