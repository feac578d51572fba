"""The probe's files, and the report that it sends."""

from __future__ import annotations

import configparser

from imagekit.vm.probe import PORT, SCRIPT, SCRIPT_PATH, UNIT, UNIT_PATH, WANTS_PATH, Report, is_complete, parse_report

SAID = """\
failed networking.service
failed apt-daily.service
unit ssh.service active
unit sshd.service inactive
cloud-init {"v1": {"datasource": "DataSourceNoCloud [seed=/dev/vdb]", "errors": []}}
hostname first
machine-id 0123456789abcdef0123456789abcdef
end
"""


def test_a_whole_report_is_read() -> None:
    report = parse_report(SAID)

    assert report.complete
    assert report.failed == ("networking.service", "apt-daily.service")
    assert report.units == {"ssh.service": "active", "sshd.service": "inactive"}
    assert report.cloud_init["v1"]["errors"] == []
    assert (report.hostname, report.machine_id) == ("first", "0123456789abcdef0123456789abcdef")


def test_a_report_without_its_last_line_is_not_complete() -> None:
    assert not parse_report(SAID.removesuffix("end\n")).complete


def test_a_report_is_whole_with_its_last_line_alone() -> None:
    assert is_complete("hostname a\nend\n")
    assert not is_complete("hostname end\n")


def test_an_init_that_knows_of_no_failure_says_so() -> None:
    assert parse_report(SAID).failures_known
    assert not parse_report("failures unknown\nend\n").failures_known


def test_silence_is_an_empty_report() -> None:
    assert parse_report("") == Report()


def test_lines_that_make_no_sense_are_passed_over() -> None:
    report = parse_report("\n\n???\nunit\ncloud-init {broken\ncloud-init [1]\nend\n")

    assert report.complete
    assert report.cloud_init == {}


def test_the_machine_id_is_not_in_the_repr() -> None:
    assert "0123456789abcdef" not in repr(parse_report(SAID))


def test_the_unit_runs_the_script_once_everything_else_has_started() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment]  # as configparser's manual says
    unit.read_string(UNIT)

    assert unit["Service"]["ExecStart"] == SCRIPT_PATH
    assert {"multi-user.target", "cloud-final.service"} <= set(unit["Unit"]["After"].split())
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_the_link_enables_the_unit() -> None:
    assert WANTS_PATH.rpartition("/")[2] == UNIT_PATH.rpartition("/")[2]
    assert "/multi-user.target.wants/" in WANTS_PATH


def test_the_script_reports_to_the_port_and_powers_off_last() -> None:
    assert f"> /dev/virtio-ports/{PORT}\n" in SCRIPT
    assert SCRIPT.splitlines()[-1] == "systemctl poweroff --no-block"
