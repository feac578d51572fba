from __future__ import annotations

import pkgutil

import pytest

from imagekit.identity import catalogue
from imagekit.identity.catalogue import current_id, load_catalogue

ITEMS = load_catalogue()
OFF = {
    "authorized-keys",
    "corosync",
    "crontabs",
    "hostname",
    "iscsi-nodes",
    "mail-passwords",
    "netplan",
    "nm-profiles",
    "ntp-keys",
    "package-lists",
    "resolv",
    "secureboot",
    "snapd",
    "tls-local",
    "user-caches",
    "vpn-keys",
}


def test_every_module_gives_its_items_under_its_own_name() -> None:
    modules = {module.name for module in pkgutil.iter_modules(catalogue.__path__)}

    assert {item.group for item in ITEMS} == modules
    assert len(ITEMS) > 80


def test_an_id_is_one_of_a_kind_and_may_stand_in_a_spec_and_in_a_report() -> None:
    ids = [name for item in ITEMS for name in (item.id, *item.aliases)]

    assert len(set(ids)) == len(ids)
    assert [name for name in ids if name.strip("abcdefghijklmnopqrstuvwxyz0123456789-")] == []


def test_what_is_off_unless_asked_for_is_known_and_says_why() -> None:
    off = [item for item in ITEMS if not item.default]

    assert {item.id for item in off} == OFF
    assert [item.id for item in off if not item.why] == []
    assert [item.id for item in off if item.brands] == []


def test_a_title_stands_in_the_middle_of_a_sentence() -> None:
    assert [item.title for item in ITEMS if item.title != item.title.strip(" .") or not item.title] == []


@pytest.mark.parametrize("name", ["machine-id", "tmp"])
def test_an_id_is_found_under_its_own_name(name: str) -> None:
    assert current_id(name) == name


def test_a_name_that_no_item_has_is_none() -> None:
    assert current_id("machineid") is None


def test_an_item_is_still_found_under_a_name_that_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    renamed = dataclasses.replace(ITEMS[0], id="new", aliases=("old",))
    monkeypatch.setattr(catalogue, "load_catalogue", lambda: (renamed,))

    assert (current_id("old"), current_id("new"), current_id("older")) == ("new", "new", None)
