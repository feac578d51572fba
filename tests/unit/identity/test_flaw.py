from __future__ import annotations

import re

from imagekit.identity.catalogue import load_catalogue
from imagekit.identity.flaw import BOTH, CannotTell
from imagekit.identity.flaws import load_flaws

FLAWS = load_flaws()


def test_each_has_an_id_of_its_own_that_no_identity_has() -> None:
    ids = [flaw.id for flaw in FLAWS] + [item.id for item in load_catalogue()]

    assert len(set(ids)) == len(ids)
    assert [name for name in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_each_says_why_it_matters_and_what_to_do() -> None:
    assert [flaw.id for flaw in FLAWS if not (flaw.title and flaw.why and flaw.fix)] == []
    assert [flaw.id for flaw in FLAWS if flaw.why.endswith(".") or flaw.fix.endswith(".")] == []


def test_each_matters_in_some_use() -> None:
    assert [flaw.id for flaw in FLAWS if not flaw.uses or flaw.uses - BOTH] == []


def test_what_cannot_be_told_says_where_and_why() -> None:
    told = CannotTell("/etc/shadow", "no library")

    assert (told.path, told.reason, str(told)) == ("/etc/shadow", "no library", "no library")
