from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.engine.booting.outcome import record_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.booting.report import BootRecord
    from imagekit.vm.boot import BootResult

NOCLOUD = {"v1": {"datasource": "DataSourceNoCloud [seed=/dev/vdb]", "errors": []}}


@pytest.fixture
def recorded(booted: Callable[..., BootResult]) -> Callable[..., BootRecord]:
    """``recorded("killed", complete=False)``: the record of a boot that ended so."""
    return lambda ended="powered-off", expected="", **said: record_of(
        1, [booted(ended, **said)], seconds_allowed=600, expected_name=expected
    )


def test_a_boot_that_reported_no_failure_and_powered_off_is_up(recorded: Callable[..., BootRecord]) -> None:
    record = recorded(hostname="web")

    assert (record.outcome, record.why, record.power_off, record.hostname) == ("up", "", "probe", "web")


def test_failed_units_are_named(recorded: Callable[..., BootRecord]) -> None:
    record = recorded(failed=("ssh.service", "bad\x1b[31m.service"))

    assert record.outcome == "failed"
    assert record.why == "failed units: ssh.service, bad[31m.service"
    assert record.failed_units == ("ssh.service", "bad[31m.service")


def test_errors_of_cloud_init_are_failures(recorded: Callable[..., BootRecord]) -> None:
    record = recorded(cloud_init={"v1": {"datasource": "DataSourceNone", "errors": ["no seed"]}})

    assert (record.outcome, record.why) == ("failed", "cloud-init says: no seed")


@pytest.mark.parametrize("odd", [{"v1": []}, {"v1": {"errors": "x", "datasource": None}}, {}])
def test_what_cloud_init_never_writes_is_passed_over(recorded: Callable[..., BootRecord], odd: dict) -> None:
    assert recorded(cloud_init=odd).outcome == "up"


@pytest.mark.parametrize(
    ("ended", "why", "off"),
    [
        ("powered-off", "powered off before its services were up", "guest"),
        ("reset", "restarted itself 1 times", "guest"),
        ("deadline", "not up after 600 s; it obeyed its power button", "acpi"),
        ("killed", "did not obey its power button either", "unclean"),
    ],
)
def test_a_boot_without_a_whole_report_is_undecided(
    recorded: Callable[..., BootRecord], ended: str, why: str, off: str
) -> None:
    record = recorded(ended, complete=False)

    assert (record.outcome, record.power_off) == ("undecided", off)
    assert why in record.why


def test_a_guest_that_reports_and_goes_down_by_its_power_button_is_up(recorded: Callable[..., BootRecord]) -> None:
    record = recorded("deadline")

    assert (record.outcome, record.power_off) == ("up", "acpi")
    assert "power button" in record.remarks[0]


def test_a_guest_that_reports_and_never_goes_down_is_undecided(recorded: Callable[..., BootRecord]) -> None:
    record = recorded("killed")

    assert (record.outcome, record.power_off) == ("undecided", "unclean")


def test_a_failure_that_was_reported_counts_however_the_guest_went_down(recorded: Callable[..., BootRecord]) -> None:
    assert recorded("killed", failed=("a.service",)).outcome == "failed"


def test_restarts_on_the_way_are_counted_with_their_time(booted: Callable[..., BootResult]) -> None:
    record = record_of(2, [booted("reset", complete=False), booted()], seconds_allowed=600)

    assert (record.number, record.outcome, record.restarts, record.seconds) == (2, "up", 1, 120.0)


def test_a_seed_that_was_not_taken_is_told(recorded: Callable[..., BootRecord]) -> None:
    none = {"v1": {"datasource": "DataSourceNone", "errors": []}}

    assert recorded(expected="clone-1", cloud_init=none).remarks == ("cloud-init did not take its seed disk",)
    assert recorded(expected="clone-1", cloud_init=NOCLOUD, hostname="x").remarks == (
        "it has not the host name that its seed gives",
    )
    assert recorded(expected="clone-1", cloud_init=NOCLOUD, hostname="clone-1.site").remarks == ()
    assert recorded(cloud_init=none).remarks == ()


def test_an_init_that_tells_of_no_failure_is_told(recorded: Callable[..., BootRecord]) -> None:
    record = recorded(failures_known=False)

    assert (record.outcome, record.failures_known) == ("up", False)
    assert record.remarks == ("its init does not tell which services failed",)
