from __future__ import annotations

import pytest

from imagekit.catalog import Catalog, PluginBroken
from imagekit.engine.describing import UnknownKind, describe_kinds, describe_spec
from imagekit.transforms.hostname import Hostname

BROKEN = PluginBroken("acme.consul", "acme 1.0", "it does not import")


def test_the_schema_is_that_of_a_spec_with_every_kind() -> None:
    root = describe_spec().root

    assert root["title"] == "imagekit spec"
    assert "hostname" in str(root["$defs"]["item"])


def test_all_kinds_come_sorted_and_broken_ones_apart() -> None:
    described = describe_kinds(catalog=Catalog({"hostname": Hostname}, [BROKEN]))

    assert [kind.kind for kind in described.kinds] == ["hostname"]
    assert [(broken.kind, broken.message) for broken in described.broken] == [("acme.consul", BROKEN.message)]


def test_one_kind_comes_alone() -> None:
    (kind,) = describe_kinds("hostname").kinds

    assert (kind.kind, kind.main) == ("hostname", "name")


def test_a_misspelt_kind_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownKind) as refused:
        describe_kinds("hostnam")

    assert refused.value.fix == "did you mean hostname?"


def test_a_kind_like_no_other_gets_the_list() -> None:
    with pytest.raises(UnknownKind) as refused:
        describe_kinds("zzz")

    assert refused.value.fix == "run: imagekit transforms"


def test_a_broken_kind_says_what_is_wrong_with_it() -> None:
    with pytest.raises(PluginBroken):
        describe_kinds("acme.consul", catalog=Catalog({}, [BROKEN]))
