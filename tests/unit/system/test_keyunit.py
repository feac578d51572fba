from __future__ import annotations

import re

import pytest

from imagekit.diagnostics import Problem
from imagekit.system import keyunit
from imagekit.system.keyunit import Wanted
from imagekit.system.services.sysv import header_of

STANDARD = Wanted(standard=True, own={})
OWN = Wanted(standard=False, own={"/srv/a": "rsa"})
MAKE_OWN = "mkdir -p /srv && rm -f /srv/a && /usr/bin/ssh-keygen -q -t rsa -N '' -f /srv/a"


# Which keys.
@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ((), STANDARD),
        (("/etc/ssh/ssh_host_rsa_key",), STANDARD),
        (("/etc/ssh/ssh_host_dsa_key",), STANDARD),
        (("/srv/a",), OWN),
        (("/etc/ssh/ssh_host_rsa_key", "/srv/a"), Wanted(standard=True, own={"/srv/a": "rsa"})),
    ],
)
def test_standard_keys_are_made_unless_the_configuration_names_others_alone(
    keys: tuple[str, ...], wanted: Wanted
) -> None:
    assert keyunit.wanted(keys, {"/srv/a": "rsa"}) == wanted


@pytest.mark.parametrize("path", ["/srv/a b", "/srv/$HOME", "/srv/a;b", "/srv/%i", "/srv/a\nb"])
def test_a_path_that_would_have_to_be_quoted_is_refused(path: str) -> None:
    with pytest.raises(Problem) as caught:
        keyunit.wanted((path,), {path: "rsa"})

    assert caught.value.code == "IK-SSH-003"


# systemd.
def test_the_unit_runs_early_and_only_if_there_is_no_key() -> None:
    text = keyunit.systemd_unit(STANDARD)

    assert "DefaultDependencies=no\n" in text
    assert "ConditionPathExistsGlob=|!/etc/ssh/ssh_host_*_key\n" in text
    assert "ExecStart=/usr/bin/ssh-keygen -A\n" in text
    assert "ConditionFirstBoot" not in text
    before = {word for line in re.findall(r"^Before=(.*)$", text, re.MULTILINE) for word in line.split()}
    assert {"cloud-init-local.service", "ssh.service", "sshd.service", "ssh.socket", "sshd-keygen.service"} <= before


def test_the_unit_makes_only_the_keys_that_are_named() -> None:
    text = keyunit.systemd_unit(OWN)

    assert "ssh-keygen -A" not in text
    assert "ConditionFileNotEmpty=|!/srv/a\n" in text
    assert f'ExecStart=/bin/sh -c "test -s /srv/a || {{ {MAKE_OWN}; }}"\n' in text
    assert "RequiresMountsFor=/etc/ssh /srv /usr/bin/ssh-keygen\n" in text


def test_the_unit_makes_standard_keys_beside_those_of_their_own_places() -> None:
    text = keyunit.systemd_unit(Wanted(standard=True, own={"/srv/a": "rsa"}))

    assert text.index("ssh-keygen -A") < text.index("-f /srv/a")


# OpenRC and System V.
def test_the_script_for_openrc_runs_before_the_server_and_cloud_init() -> None:
    text = keyunit.openrc_script(STANDARD)

    assert text.startswith("#!/sbin/openrc-run\n")
    assert "\tneed localmount\n" in text
    assert "\tbefore cloud-init-local sshd dropbear\n" in text
    assert '\tset -- /etc/ssh/ssh_host_*_key\n\t[ -s "$1" ] || /usr/bin/ssh-keygen -A || return 1\n' in text


def test_the_script_for_system_v_tells_its_place() -> None:
    text = keyunit.sysv_script(STANDARD)

    assert text.startswith("#!/bin/sh\n### BEGIN INIT INFO\n# Provides:          imagekit-ssh-host-keys\n")
    assert "# X-Start-Before:    ssh sshd cloud-init-local\n" in text
    assert header_of(text).before == ("ssh", "sshd", "cloud-init-local")


@pytest.mark.parametrize("text", [keyunit.openrc_script(OWN), keyunit.sysv_script(OWN)])
def test_both_scripts_make_the_keys_that_are_named(text: str) -> None:
    assert f"\t[ -s /srv/a ] || {{ {MAKE_OWN}; }} || return 1\n" in text
    assert "-A" not in text
