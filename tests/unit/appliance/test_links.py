from __future__ import annotations

import pytest

from imagekit.appliance.links import LinkResolver
from imagekit.guest.paths import LinkLoop


class Tree:
    """Links by path; counts how often each path is asked for."""

    def __init__(self, **links: str) -> None:
        self.links = {f"/{path.replace('_', '/')}": target for path, target in links.items()}
        self.asked: list[str] = []

    def __call__(self, path: str) -> str | None:
        self.asked.append(path)
        return self.links.get(path)


def test_parents_are_resolved_and_the_last_name_is_left() -> None:
    links = LinkResolver(Tree(var_run="/run", run_x="/etc/passwd"))

    assert links.parents("/var/run/x") == "/run/x"


def test_a_whole_path_is_resolved_to_its_end() -> None:
    links = LinkResolver(Tree(var_run="/run", run_x="../etc/passwd"))

    assert links.whole("/var/run/x") == "/etc/passwd"


def test_no_link_leads_out_of_the_guest() -> None:
    links = LinkResolver(Tree(srv_up="../../../..", srv_host="/../../host"))

    assert links.whole("/srv/up/etc/shadow") == "/etc/shadow"
    assert links.whole("/srv/host") == "/host"


def test_each_path_is_asked_for_once() -> None:
    tree = Tree(var_run="/run")
    links = LinkResolver(tree)
    links.whole("/var/run/a")
    links.parents("/var/run/b")
    links.whole("/var/run/a")

    assert sorted(tree.asked) == ["/run", "/run/a", "/var", "/var/run"]


def test_what_was_forgotten_is_asked_for_anew() -> None:
    tree = Tree(etc_x="/a")
    links = LinkResolver(tree)
    links.whole("/etc/x")
    tree.links["/etc/x"] = "/b"

    assert links.whole("/etc/x") == "/a"
    links.forget()
    assert links.whole("/etc/x") == "/b"


def test_a_loop_is_an_error() -> None:
    with pytest.raises(LinkLoop):
        LinkResolver(Tree(a="/b", b="/a")).whole("/a")


def test_what_changed_is_forgotten_with_all_below_it_and_nothing_else() -> None:
    tree = Tree(etc_x="/a")
    links = LinkResolver(tree)
    for path in ("/etc/x", "/srv/y/z", "/srvx"):
        links.whole(path)
    tree.asked.clear()
    links.forget("/srv/y", "/etc/x")
    for path in ("/etc/x", "/srv/y/z", "/srvx"):
        links.whole(path)

    assert sorted(tree.asked) == ["/etc/x", "/srv/y", "/srv/y/z"]


def test_a_link_that_became_a_folder_leads_nowhere_any_more() -> None:
    tree = Tree(srv="/var/srv", var_srv_x="/target")
    links = LinkResolver(tree)
    assert links.whole("/srv/x") == "/target"
    del tree.links["/srv"]
    links.forget("/srv")

    assert links.whole("/srv/x") == "/srv/x"


def test_a_folder_that_became_a_link_is_followed() -> None:
    tree = Tree()
    links = LinkResolver(tree)
    assert links.whole("/srv/x/y") == "/srv/x/y"
    tree.links |= {"/srv": "/var/srv", "/var/srv/x": "/target"}
    links.forget("/srv")

    assert links.whole("/srv/x/y") == "/target/y"
