from __future__ import annotations

import re
from typing import get_args

import pytest

from imagekit.guest.facts import Family
from imagekit.system.drivers.platforms import PLATFORMS
from imagekit.system.initramfs import kmod
from imagekit.transforms.guest_drivers import Platform

DISTROS = {"ubuntu", "fedora", *get_args(Family)}


def test_each_platform_is_one_that_a_spec_can_name() -> None:
    assert set(PLATFORMS) == set(get_args(Platform)) - {"oracle"}


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_a_platform_has_a_disk_and_a_network(name: str) -> None:
    drivers = PLATFORMS[name].drivers

    assert all(drivers.disk)
    assert all(drivers.network)
    assert drivers.disk
    assert drivers.network


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_modules_are_spelt_as_the_kernel_spells_them(name: str) -> None:
    drivers = PLATFORMS[name].drivers
    modules = [*drivers.initramfs, *(module for group in drivers.network for module in group), *drivers.useful]

    assert modules == [kmod.normal(module) for module in modules]
    assert all(re.fullmatch(kmod.NAME, module) for module in modules)


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_agents_are_given_for_families_and_distributions_that_there_are(name: str) -> None:
    assert set(PLATFORMS[name].agents) <= DISTROS
