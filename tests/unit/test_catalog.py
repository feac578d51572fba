from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest

import imagekit.transforms
from imagekit.catalog import GROUP, DuplicateKind, InstalledCatalog, kind_of, load_catalog, make_catalog
from imagekit.transform import Transform
from imagekit.transforms.hostname import Hostname


def module(name: str, **members: type) -> ModuleType:
    """Return a module that defines these classes."""
    made = ModuleType(name)
    for key, value in members.items():
        if value.__module__ == __name__:
            value.__module__ = name
        setattr(made, key, value)
    return made


def kind(name: str) -> type[Transform]:
    return type(
        "Made", (Transform,), {"__annotations__": {"kind": Literal[name]}, "kind": name, "__module__": __name__}
    )


class Consul(Transform):
    """A kind of somebody else."""

    kind: Literal["acme.consul"] = "acme.consul"


def plugin(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_every_module_of_transforms_that_defines_a_kind_is_in_the_catalog() -> None:
    found = {cls.__module__ for cls in load_catalog().values()}
    sources = {path.stem: path.read_text() for path in Path(imagekit.transforms.__path__[0]).glob("*.py")}
    defining = {name for name, text in sources.items() if re.search(r"^class \w+\(Transform\)", text, re.MULTILINE)}

    assert {f"imagekit.transforms.{name}" for name in defining} == found
    assert load_catalog()["hostname"] is Hostname


def test_kinds_are_sorted_by_name() -> None:
    catalog = make_catalog([module("m", B=kind("b"), A=kind("a"), C=kind("c"))], [])

    assert list(catalog) == ["a", "b", "c"]
    assert len(catalog) == 3


def test_what_a_module_only_imports_and_base_classes_do_not_count() -> None:
    class Base(Transform):
        """No kind of its own."""

    made = module("m", Base=Base, A=kind("a"))
    made.Hostname = Hostname  # type: ignore[attr-defined]
    made.Transform = Transform  # type: ignore[attr-defined]

    assert list(make_catalog([made], [])) == ["a"]


def test_two_built_in_classes_of_one_kind_are_refused() -> None:
    with pytest.raises(DuplicateKind) as caught:
        make_catalog([module("m", A=kind("a")), module("n", A=kind("a"))], [])

    assert caught.value.message == "the kind a is claimed by m.Made and n.Made"


def test_a_plugin_brings_a_dotted_kind() -> None:
    catalog = make_catalog([], [_loaded("acme.consul", Consul)])

    assert catalog["acme.consul"] is Consul
    assert not catalog.broken


def _loaded(name: str, value: object, distribution: str = "acme:thing") -> EntryPoint:
    """Return an entry point that loads a value without an installed distribution."""

    class Loaded(EntryPoint):
        def load(self) -> object:
            if isinstance(value, Exception):
                raise value
            return value

    return Loaded(name, distribution, GROUP)


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        (plugin("acme.x", "no_such_module:X"), "ModuleNotFoundError: No module named 'no_such_module'"),
        (_loaded("acme.x", RuntimeError("boom")), "RuntimeError: boom"),
        (_loaded("acme.x", dict), "acme:thing is no Transform"),
        (_loaded("acme.x", Consul), 'acme:thing has another kind than "acme.x"'),
        (_loaded("consul", Consul), "the name of a plugin's kind must have a dot, as in acme.consul"),
    ],
)
def test_a_broken_plugin_is_named_and_prevents_nothing(point: EntryPoint, reason: str) -> None:
    catalog = make_catalog([module("m", A=kind("a"))], [point, _loaded("acme.consul", Consul)])

    assert list(catalog) == ["a", "acme.consul"]
    assert [(error.kind, error.reason) for error in catalog.broken] == [(point.name, reason)]
    assert reason in catalog.broken[0].message


def test_a_kind_that_two_distributions_offer_is_nobodys() -> None:
    points = [_loaded("acme.consul", Consul, "one:Consul"), _loaded("acme.consul", Consul, "two:Consul")]
    catalog = make_catalog([], points)

    assert "acme.consul" not in catalog
    assert {error.reason for error in catalog.broken} == {"one:Consul and two:Consul both offer it"}


def test_the_kind_of_a_class_is_the_default_of_its_field() -> None:
    assert kind_of(Hostname) == "hostname"


# The installed one.
BUILT_IN = ("imagekit.transforms.hostname", "imagekit.transforms.machine_id", "imagekit.transforms")


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def installed(asked: list[str]) -> InstalledCatalog:
    def plugins() -> list[EntryPoint]:
        asked.append("plugins")
        return [_loaded("acme.consul", Consul), _loaded("acme.x", dict)]

    return InstalledCatalog(BUILT_IN, plugins)


def test_a_built_in_kind_is_had_without_a_look_at_plugins(installed: InstalledCatalog, asked: list[str]) -> None:
    assert "hostname" in installed
    assert installed["hostname"] is Hostname
    assert installed["machine-id"].__name__ == "MachineId"
    assert asked == []


def test_only_the_module_of_a_kind_is_imported(asked: list[str]) -> None:
    catalog = InstalledCatalog(["imagekit.transforms.hostname", "imagekit.transforms.no_such"], list)

    assert catalog["hostname"] is Hostname


def test_any_other_name_is_looked_for_everywhere_once(installed: InstalledCatalog, asked: list[str]) -> None:
    assert installed["acme.consul"] is Consul
    assert "hostnam" not in installed
    assert "transforms" not in installed
    assert [error.kind for error in installed.broken] == ["acme.x"]
    assert list(installed) == ["acme.consul", "hostname", "machine-id"]
    assert len(installed) == 3
    assert asked == ["plugins"]


def test_the_module_of_every_built_in_kind_has_its_name() -> None:
    assert {cls.__module__.rpartition(".")[2].replace("_", "-"): kind for kind, cls in load_catalog().items()} == {
        kind: kind for kind in load_catalog() if "." not in kind
    }
