"""Every item on a guest that has lived: what is planted is found, reset, and gone, and nothing else is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.paths import is_below
from imagekit.guest.patterns import brace_expand, path_matches
from imagekit.identity.catalogue import load_catalogue
from imagekit.testing.planted import canaries, read_planting

if TYPE_CHECKING:
    from imagekit.identity.item import Item
    from imagekit.testing.memory import MemoryGuest

PLANTING = read_planting()
ITEMS = {item.id: item for item in load_catalogue()}
HOME = {"debian": "debian-12", "rhel": "rocky-9", "suse": "opensuse-leap-15.6", "arch": "arch", "alpine": "alpine-3.20"}
OURS = ("/usr/local", "/etc/systemd/system")


def planted(recipes, item: Item) -> MemoryGuest:
    family = next(iter(PLANTING.items[item.id].families), "debian")
    guest: MemoryGuest = recipes[HOME[family]].guest()
    PLANTING.plant(guest, [item.id])
    return guest


def nodes(guest: MemoryGuest) -> dict[str, tuple[object, ...]]:
    walked = guest.tree.walk("/")
    return {path: (node.kind, node.mode, node.uid, node.gid, node.content, node.target) for path, node in walked}


def test_every_item_of_the_catalogue_is_planted_and_nothing_else() -> None:
    assert sorted(PLANTING.items) == sorted(ITEMS)


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_what_is_planted_is_found_reset_and_gone(recipes, name: str) -> None:
    item = ITEMS[name]
    guest = planted(recipes, item)
    found = item.detect(guest)
    files = PLANTING.files(name)
    item.reset(guest)
    left = item.detect(guest)

    assert [path for path in files if not any(path == at or is_below(path, at) for at in found)] == []
    assert left == ()
    told = b"\n".join(node.content + path.encode() for path, node in guest.tree.walk("/"))
    assert [canary for canary in canaries(name) if canary.encode() in told] == []


@pytest.mark.parametrize("name", sorted(set(ITEMS) - {"machine-id"}))
def test_nothing_else_is_touched(recipes, name: str) -> None:
    item = ITEMS[name]
    guest = planted(recipes, item)
    found = item.detect(guest)
    before = nodes(guest)
    item.reset(guest)
    after = nodes(guest)

    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    allowed = (*found, *(("/etc/hosts",) if name == "hostname" else ()))
    strangers = [
        path for path in changed if not any(path == at or is_below(path, at) or is_below(at, path) for at in allowed)
    ]
    assert [path for path in strangers if not path.startswith(OURS)] == []
    kept = [path for path in before.keys() & after.keys() if after[path][0] == before[path][0]]
    assert [path for path in kept if after[path][:4] != before[path][:4]] == []


@pytest.mark.parametrize("name", sorted(set(ITEMS) - {"machine-id"}))
def test_what_is_spared_stays_as_it_is(recipes, name: str) -> None:
    item = ITEMS[name]
    guest = planted(recipes, item)
    files = PLANTING.files(name)
    before = nodes(guest)
    item.reset(guest, tuple(files))
    after = nodes(guest)

    assert {path: after.get(path) for path in files} == {path: before[path] for path in files}


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_resetting_twice_changes_nothing(recipes, name: str) -> None:
    guest = planted(recipes, ITEMS[name])
    ITEMS[name].reset(guest)
    first = nodes(guest)
    ITEMS[name].reset(guest)

    assert nodes(guest) == first


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_what_is_on_by_default_comes_back_or_is_not_needed(recipes, name: str) -> None:
    item = ITEMS[name]
    guest = planted(recipes, item)
    promised = bool(item.returns(guest) or item.adds(guest))
    item.reset(guest)

    assert promised or not item.default
    assert item.returns(guest) or not item.default
    assert item.adds(guest) == ()


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_a_pattern_has_its_first_folder_in_clear(name: str) -> None:
    singles = [single for pattern in ITEMS[name].paths for single in brace_expand(pattern)]

    assert [single for single in singles if not single.startswith(("/", "~/"))] == []
    assert [single for single in singles if single.startswith("/") and "*" in single.split("/")[1]] == []


def test_the_planted_paths_are_those_that_the_items_name() -> None:
    person = PLANTING.person.home
    unnamed = {}
    for name, item in ITEMS.items():
        singles = [single for pattern in item.paths for single in brace_expand(pattern)]
        homes = [person + single[1:] for single in singles if single.startswith("~/")]
        roots = [
            f"/{top}{single[1:]}"
            for single in singles
            if single.startswith("~/")
            for top in ("root", "home/*", "etc/skel")
        ]
        known = [*singles, *homes, *roots]
        for path in PLANTING.files(name):
            above = [path.rsplit("/", depth)[0] for depth in range(1, path.count("/"))]
            if item.paths and not any(path_matches(pattern, one) for pattern in known for one in (path, *above)):
                unnamed[path] = name

    assert unnamed == {}
