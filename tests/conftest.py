"""What every test may ask for: the contract's messages, and a fresh phony guest of each distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from imagekit.testing.phony import Recipe, guest_names, read_recipe

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

pytest.register_assert_rewrite("imagekit.testing.contract")
# A loaded machine is no finding, and a test that fails once must fail again.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session")
def recipes() -> dict[str, Recipe]:
    """Every phony guest's recipe by name, parsed once."""
    return {name: read_recipe(name) for name in guest_names()}


@pytest.fixture
def debian(recipes: dict[str, Recipe]) -> MemoryGuest:
    return recipes["debian-12"].guest()


@pytest.fixture
def debian13(recipes: dict[str, Recipe]) -> MemoryGuest:
    return recipes["debian-13"].guest()


@pytest.fixture
def ubuntu(recipes: dict[str, Recipe]) -> MemoryGuest:
    return recipes["ubuntu-24.04"].guest()


@pytest.fixture
def fedora(recipes: dict[str, Recipe]) -> MemoryGuest:
    return recipes["fedora-41"].guest()


@pytest.fixture
def rocky(recipes: dict[str, Recipe]) -> MemoryGuest:
    return recipes["rocky-9"].guest()


@pytest.fixture
def opensuse(recipes: dict[str, Recipe]) -> MemoryGuest:
    return recipes["opensuse-leap-15.6"].guest()


@pytest.fixture
def arch(recipes: dict[str, Recipe]) -> MemoryGuest:
    return recipes["arch"].guest()


@pytest.fixture
def alpine(recipes: dict[str, Recipe]) -> MemoryGuest:
    return recipes["alpine-3.20"].guest()
