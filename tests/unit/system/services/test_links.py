from __future__ import annotations

from imagekit.guest.journal import JournaledGuest
from imagekit.system.services import links
from imagekit.system.services.links import Edits, Link
from imagekit.testing.memory import Link as Symlink, MemoryGuest


def test_paths_go_before_links_are_made() -> None:
    guest = MemoryGuest({"/etc/rc2.d/K20x": Symlink("../init.d/x")})

    links.apply(guest, Edits(("/etc/rc2.d/K20x",), (Link("/etc/rc2.d/S20x", "../init.d/x"),)))

    assert guest.ls("/etc/rc2.d") == ("S20x",)


def test_a_link_that_leads_there_by_another_way_stays() -> None:
    guest = MemoryGuest(
        {"/lib": Symlink("usr/lib"), "/usr/lib/a.service": "", "/etc/wants/a": Symlink("/lib/a.service")}
    )
    journal = JournaledGuest(guest)

    journal.begin("x")
    links.apply(journal, Edits(make=(Link("/etc/wants/a", "/usr/lib/a.service"),)))

    assert journal.end() == ()
    assert guest.readlink("/etc/wants/a") == "/lib/a.service"


def test_a_link_that_leads_elsewhere_is_replaced() -> None:
    guest = MemoryGuest({"/a": "", "/b": "", "/etc/x": Symlink("/a"), "/etc/dangling": Symlink("/gone")})

    links.apply(guest, Edits(make=(Link("/etc/x", "/b"), Link("/etc/dangling", "/b"))))

    assert [guest.readlink(path) for path in ("/etc/x", "/etc/dangling")] == ["/b", "/b"]
