from __future__ import annotations

from imagekit.identity.catalogue import load_catalogue


def test_every_module_gives_its_items() -> None:
    assert [item.id for item in load_catalogue()] == [
        "cloud-init-state",
        "cloud-init-seed",
        "cloud-init-net",
        "machine-id",
        "dbus-machine-id",
        "ssh-host-keys",
    ]


def test_an_item_belongs_to_the_module_it_is_in_and_its_id_is_its_own() -> None:
    items = load_catalogue()

    assert len({item.id for item in items}) == len(items)
    assert {item.group for item in items} == {"cloud", "machine", "ssh"}
