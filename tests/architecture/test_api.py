"""The public names: sorted, there, documented, and cheap."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import imagekit


def test_the_list_of_names_is_sorted() -> None:
    assert list(imagekit.__all__) == sorted(imagekit.__all__)


def test_type_checkers_see_the_same_names_at_the_same_homes() -> None:
    tree = ast.parse(inspect.getsource(imagekit))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if alias.asname and node.module != "imagekit"
    }

    assert seen == imagekit._HOMES


def test_dir_shows_what_can_be_used() -> None:
    assert dir(imagekit) == imagekit.__all__


@pytest.mark.parametrize("name", imagekit.__all__)
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(imagekit, name)

    # Of a class its own: an inherited docstring tells of another one.
    assert vars(value).get("__doc__") if inspect.isclass(value) else inspect.getdoc(value)


def test_no_module_takes_the_place_of_a_public_name() -> None:
    for module in pkgutil.walk_packages(imagekit.__path__, "imagekit."):
        if module.name != "imagekit.appliance.worker":
            importlib.import_module(module.name)

    assert [name for name in imagekit.__all__ if inspect.ismodule(getattr(imagekit, name))] == []


def test_what_is_no_name_of_the_api_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="customise"):
        _ = imagekit.customise


@pytest.mark.parametrize("package", ["imagekit", "imagekit_cli"])
def test_importing_the_package_loads_nothing_heavy(package: str) -> None:
    code = f"import sys, {package}; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout.split()

    heavy = {"guestfs", "jsonschema", "oslo_utils", "pydantic", "rich", "ruamel", "typer"}
    assert heavy.intersection(loaded) == set()
