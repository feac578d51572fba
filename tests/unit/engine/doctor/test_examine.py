from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.doctor.examine import examine
from imagekit.engine.doctor.launch import Launch
from imagekit.engine.options import Options
from imagekit.events import silent

if TYPE_CHECKING:
    from imagekit.appliance.session import Settings
    from imagekit.engine.doctor.check import Diagnosis
    from imagekit.engine.doctor.host import Host
    from imagekit.events import OnEvent


def look(
    host: Host, *, quick: bool = False, version: str = "1.48.6", cold: bool = False
) -> tuple[Diagnosis, list[Settings]]:
    launched = []

    def launcher(settings: Settings, _on_event: OnEvent) -> Launch:
        launched.append(settings)
        return Launch("tcg", 9.0, warm=settings.warm)

    options = Options(memory=512, cold=cold)
    found = ("/py", version) if version else ("", "")
    diagnosis = examine(host, options, silent, quick=quick, launcher=launcher, find=lambda _: found)
    return diagnosis, launched


def states(diagnosis: Diagnosis) -> dict[str, str]:
    return {check.name: check.state for check in diagnosis.checks}


def test_a_host_with_everything_can_do_the_work(whole: Host) -> None:
    diagnosis, launched = look(whole)

    assert diagnosis.able
    assert states(diagnosis)["appliance"] == "ok"
    assert [settings.memory for settings in launched] == [512]


def test_where_nothing_is_installed_every_need_is_named_and_nothing_started(bare: Host) -> None:
    diagnosis, launched = look(bare, version="")

    missing = {check.name: check.fix for check in diagnosis.checks if check.state == "fail"}
    assert not diagnosis.able
    assert launched == []
    assert missing.keys() == {
        "libguestfs binding",
        "qemu",
        "qemu-img",
        "setpriv",
        "supermin",
        "kernel for appliance",
        "appliance",
    }
    assert all(fix for name, fix in missing.items() if name != "appliance")


def test_quick_starts_nothing(whole: Host) -> None:
    diagnosis, launched = look(whole, quick=True)

    assert launched == []
    assert states(diagnosis).keys().isdisjoint({"appliance", "warm start"})


def test_a_missing_dhcp_client_keeps_no_appliance_from_starting(whole: Host) -> None:
    diagnosis, launched = look(whole, version="1.54.1")

    assert states(diagnosis)["network of steps"] == "warn"
    assert len(launched) == 1


def test_the_appliance_is_tried_as_builds_will_start_it(whole: Host) -> None:
    warm, (warmly,) = look(whole)
    cold, (coldly,) = look(whole, cold=True)

    assert (warmly.warm, coldly.warm) == (True, False)
    assert (states(warm)["warm start"], states(cold)["warm start"]) == ("ok", "ok")


def test_where_nothing_was_started_builds_do_not_start_warm(bare: Host) -> None:
    diagnosis, _ = look(bare, version="")

    assert states(diagnosis)["warm start"] == "warn"
