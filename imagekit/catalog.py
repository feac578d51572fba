"""The kinds that there are: built-in ones and those of entry points, as a mapping from kind to class.

A third party offers a kind by an entry point of the group ``imagekit.transforms``, named as the kind, with a dot:
``"acme.consul" = "acme_imagekit:Consul"``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

import imagekit.transforms
from imagekit.errors import SpecError
from imagekit.transform import Transform

if TYPE_CHECKING:
    from types import ModuleType

GROUP = "imagekit.transforms"


class DuplicateKind(SpecError):
    """Two classes of imagekit's own claim one kind."""

    code = "IK-SPEC-060"

    def __init__(self, kind: str, first: type[Transform], second: type[Transform]) -> None:
        self.kind = kind
        self.classes = (first, second)
        names = " and ".join(f"{cls.__module__}.{cls.__qualname__}" for cls in self.classes)
        super().__init__(f"the kind {kind} is claimed by {names}")


class PluginBroken(SpecError):
    """A kind of another distribution cannot be had."""

    code = "IK-SPEC-061"

    def __init__(self, kind: str, distribution: str, reason: str) -> None:
        self.kind = kind
        self.distribution = distribution
        self.reason = reason
        super().__init__(
            f"the kind {kind} of {distribution} cannot be used: {reason}",
            fix=f"install a version of {distribution} that works here, or remove it",
        )


class Catalog(Mapping[str, type[Transform]]):
    """Every kind that can be used, sorted by name, and what is wrong with those that cannot."""

    def __init__(self, kinds: Mapping[str, type[Transform]], broken: Iterable[PluginBroken] = ()) -> None:
        self._kinds = dict(sorted(kinds.items()))
        self._broken = tuple(sorted(broken, key=lambda error: (error.kind, error.distribution)))

    @property
    def broken(self) -> tuple[PluginBroken, ...]:
        """What is wrong with the kinds of others that cannot be used."""
        return self._broken

    def __getitem__(self, kind: str) -> type[Transform]:
        return self._kinds[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)


class InstalledCatalog(Catalog):
    """The kinds of this installation, each imported when it is asked for: a spec that names two of thirty pays for two.

    A built-in kind is looked for in the module of its name first. The whole catalog, and every plugin, is loaded only
    for a name that is not found there, or to be listed.

    Args:
        modules: full names of modules, each imported without effect on anything else.
        plugins: returns the entry points that there are.
    """

    def __init__(self, modules: Iterable[str], plugins: Callable[[], Iterable[EntryPoint]]) -> None:
        self._modules = {name.rpartition(".")[2].replace("_", "-"): name for name in modules}
        self._plugins = plugins
        self._found: dict[str, type[Transform]] = {}

    @functools.cached_property
    def _whole(self) -> Catalog:
        return make_catalog(map(importlib.import_module, self._modules.values()), self._plugins())

    @property
    def broken(self) -> tuple[PluginBroken, ...]:
        """What is wrong with the kinds of others that cannot be used."""
        return self._whole.broken

    def __getitem__(self, kind: str) -> type[Transform]:
        if kind not in self._found and kind in self._modules:
            self._found |= {kind_of(cls): cls for cls in _defined_in(importlib.import_module(self._modules[kind]))}
        return self._found[kind] if kind in self._found else self._whole[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


@functools.cache
def load_catalog() -> Catalog:
    """Return the kinds of ``imagekit.transforms`` and of the entry points of the installed distributions.

    Each is imported when it is asked for. Two built-in classes that claim one kind are DuplicateKind once the whole
    is listed. What is wrong with a plugin never raises: see ``broken``.
    """
    folder = imagekit.transforms
    names = sorted(module.name for module in pkgutil.walk_packages(folder.__path__, f"{folder.__name__}."))
    return InstalledCatalog(names, lambda: entry_points(group=GROUP))


def make_catalog(modules: Iterable[ModuleType], plugins: Iterable[EntryPoint]) -> Catalog:
    """Return the kinds that the modules define and the entry points name; never prevented by a broken plugin."""
    kinds: dict[str, type[Transform]] = {}
    for cls in (cls for module in modules for cls in _defined_in(module)):
        kind = kind_of(cls)
        if kind in kinds:
            raise DuplicateKind(kind, kinds[kind], cls)
        kinds[kind] = cls
    found, broken = _from_plugins(tuple(plugins))
    return Catalog({**kinds, **found}, broken)


def kind_of(cls: type[Transform]) -> str:
    """Return the name by which a spec asks for a transform."""
    return str(cls.model_fields["kind"].default)


def _defined_in(module: ModuleType) -> Iterator[type[Transform]]:
    """Yield the transforms that a module defines, without those that it imports and without base classes."""
    for value in vars(module).values():
        own = isinstance(value, type) and issubclass(value, Transform) and value.__module__ == module.__name__
        if own and not value.model_fields["kind"].is_required():
            yield value


def _from_plugins(plugins: tuple[EntryPoint, ...]) -> tuple[dict[str, type[Transform]], list[PluginBroken]]:
    kinds: dict[str, type[Transform]] = {}
    broken: list[PluginBroken] = []
    for plugin in plugins:
        others = sorted({_distribution(other) for other in plugins if other.name == plugin.name})
        try:
            kinds[plugin.name] = _load(plugin, others)
        except _Unusable as error:
            broken.append(PluginBroken(plugin.name, _distribution(plugin), str(error)))
    return kinds, broken


class _Unusable(Exception):
    """Why an entry point gives no kind."""


def _load(plugin: EntryPoint, offered_by: list[str]) -> type[Transform]:
    if len(offered_by) > 1:
        raise _Unusable(f"{' and '.join(offered_by)} both offer it")
    if "." not in plugin.name:
        raise _Unusable("the name of a plugin's kind must have a dot, as in acme.consul")
    try:
        cls = plugin.load()
    except Exception as error:
        raise _Unusable(f"{type(error).__name__}: {error}") from error
    if not (isinstance(cls, type) and issubclass(cls, Transform)):
        raise _Unusable(f"{plugin.value} is no Transform")
    if cls.model_fields["kind"].is_required() or kind_of(cls) != plugin.name:
        raise _Unusable(f'{plugin.value} has another kind than "{plugin.name}"')
    return cls


def _distribution(plugin: EntryPoint) -> str:
    return f"{plugin.dist.name} {plugin.dist.version}" if plugin.dist else plugin.value
