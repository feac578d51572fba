from __future__ import annotations

from pathlib import Path

from imagekit.engine.seeding import SeedFile, SeedReport
from imagekit_cli.lines import Line
from imagekit_cli.render.seeding import seed_lines

REPORT = SeedReport(
    output=Path("out/seed.iso"),
    size=65536,
    instance_id="i-1",
    files=(SeedFile(name="user-data", size=20), SeedFile(name="network-config", size=2048)),
    remarks=("user-data: hm",),
)


def test_a_user_learns_what_is_on_the_disk_and_what_it_may_do_unmeant() -> None:
    assert list(seed_lines(REPORT)) == [
        Line("out/seed.iso", "head"),
        Line("  64.0 KiB, label cidata, instance-id i-1"),
        Line("  user-data       20 B"),
        Line("  network-config  2.0 KiB"),
        Line("  note: user-data: hm", "changed"),
    ]
