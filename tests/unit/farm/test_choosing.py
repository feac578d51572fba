from __future__ import annotations

from pathlib import Path

import pytest

from imagekit.farm.choosing import BadShard, NoSuchJob, parse_shard, select, shard
from imagekit.farm.job import Job


def jobs(count: int = 3) -> tuple[Job, ...]:
    paths = {"image": Path("/i"), "spec": Path("/s"), "output": Path("/o")}
    return tuple(Job(id=f"debian-{spec}-{number}", **paths) for number in range(count) for spec in ("web", "db"))


def ids(chosen: tuple[Job, ...]) -> list[str]:
    return [job.id for job in chosen]


def test_without_a_pattern_all_are_chosen() -> None:
    assert select(jobs(), ()) == jobs()


def test_patterns_choose_by_id_in_the_order_of_the_farm() -> None:
    assert ids(select(jobs(), ("debian-db-1", "*-web-*"))) == [
        "debian-web-0",
        "debian-web-1",
        "debian-db-1",
        "debian-web-2",
    ]


def test_a_pattern_that_chooses_nothing_gets_the_nearest_id() -> None:
    with pytest.raises(NoSuchJob) as caught:
        select(jobs(), ("*-web-*", "debain-db-1"))

    assert (caught.value.pattern, caught.value.fix, caught.value.exit_status) == (
        "debain-db-1",
        "did you mean debian-db-1?",
        2,
    )


@pytest.mark.parametrize(("text", "share"), [("1/1", (1, 1)), ("2/4", (2, 4))])
def test_a_share_is_read(text: str, share: tuple[int, int]) -> None:
    assert parse_shard(text) == share


@pytest.mark.parametrize(
    "text", ["", "2", "2/", "/4", "0/4", "5/4", "0/0", "-1/4", "a/b", "1/4/2", "1 /4", "1/9999999"]
)
def test_what_is_no_share_is_told_with_how_to_write_one(text: str) -> None:
    with pytest.raises(BadShard) as caught:
        parse_shard(text)

    assert "2/4" in caught.value.fix


@pytest.mark.parametrize("of", [1, 2, 3, 7, 50])
def test_each_job_is_in_one_share_and_shares_are_of_one_size(of: int) -> None:
    every = jobs(10)
    shares = [shard(every, number, of) for number in range(1, of + 1)]

    assert sorted(name for share in shares for name in ids(share)) == sorted(ids(every))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_shares_do_not_depend_on_the_order_of_the_jobs() -> None:
    every = jobs(10)

    assert set(ids(shard(every, 2, 3))) == set(ids(shard(every[::-1], 2, 3)))


def test_a_share_is_in_the_order_of_the_farm() -> None:
    every = jobs(10)
    share = shard(every, 1, 2)

    assert share == tuple(job for job in every if job in share)


def test_jobs_of_one_spec_are_spread_over_the_shares() -> None:
    first = ids(shard(jobs(10), 1, 2))

    assert {name.split("-")[1] for name in first} == {"web", "db"}
