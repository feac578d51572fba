"""What one boot came to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imagekit.engine.booting.report import BootRecord
from imagekit.guest.osrelease import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagekit.engine.booting.report import Outcome, PowerOff
    from imagekit.vm.boot import BootResult
    from imagekit.vm.probe import Report

_MOST_NAMED = 5


def record_of(
    number: int, results: Sequence[BootResult], *, seconds_allowed: float, expected_name: str = ""
) -> BootRecord:
    """Return the record of a boot.

    Args:
        number: 1 or 2.
        results: every start of the machine that it took; all but the last ended in a restart by the guest.
        seconds_allowed: how long it might take.
        expected_name: the host name that the clone's seed gives; "" without one.
    """
    last = results[-1]
    report = last.report
    outcome, why = _outcome(last, len(results) - 1, seconds_allowed)
    return BootRecord(
        number=number,
        outcome=outcome,
        why=why,
        power_off=_power_off(last),
        seconds=round(sum(result.seconds for result in results), 1),
        restarts=len(results) - 1,
        failed_units=tuple(map(clean, report.failed)),
        failures_known=report.failures_known,
        hostname=clean(report.hostname),
        datasource=_datasource(report),
        remarks=tuple(_remarks(last, expected_name)),
    )


def _outcome(last: BootResult, restarts: int, allowed: float) -> tuple[Outcome, str]:
    report = last.report
    if not report.complete:
        return "undecided", _undecided(last, restarts, allowed)
    wrong = []
    if report.failed:
        wrong.append(f"failed units: {_named(report.failed)}")
    if errors := _errors(report):
        wrong.append(f"cloud-init says: {_named(errors)}")
    if wrong:
        return "failed", "; ".join(wrong)
    if last.ended == "killed":
        return "undecided", "it came up, but did not power off, and was killed: its disk cannot be read"
    return "up", ""


def _undecided(last: BootResult, restarts: int, allowed: float) -> str:
    """Say why nothing can be said."""
    if last.ended == "powered-off":
        return "it powered off before its services were up"
    if last.ended == "reset":
        return f"it restarted itself {restarts + 1} times before its services were up"
    end = "it obeyed its power button" if last.ended == "deadline" else "it did not obey its power button either"
    return f"its services were not up after {allowed:.0f} s; {end}"


def _power_off(last: BootResult) -> PowerOff:
    if last.ended == "killed":
        return "unclean"
    if last.ended == "deadline":
        return "acpi"
    return "probe" if last.report.complete else "guest"


def _remarks(last: BootResult, expected_name: str) -> list[str]:
    report = last.report
    said = []
    if report.complete and last.ended == "deadline":
        said.append("it did not power off when told, and obeyed its power button")
    if report.complete and not report.failures_known:
        said.append("its init does not tell which services failed")
    if report.complete and expected_name:
        if "NoCloud" not in _datasource(report):
            said.append("cloud-init did not take its seed disk")
        elif report.hostname.partition(".")[0] != expected_name:
            said.append("it has not the host name that its seed gives")
    return said


def _v1(report: Report) -> dict[str, Any]:
    """Return cloud-init's result, which a guest may fill as it likes."""
    found = report.cloud_init.get("v1")
    return found if isinstance(found, dict) else {}


def _datasource(report: Report) -> str:
    return clean(str(_v1(report).get("datasource") or "")).partition(" ")[0]


def _errors(report: Report) -> tuple[str, ...]:
    errors = _v1(report).get("errors")
    return tuple(clean(str(error)) for error in errors) if isinstance(errors, list) else ()


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(clean(name)[:200] for name in names[:_MOST_NAMED]) + more
