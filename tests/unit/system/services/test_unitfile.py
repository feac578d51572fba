from __future__ import annotations

import pytest

from imagekit.system.services import unitfile
from imagekit.system.services.unitfile import Install

TEXT = """\
[Unit]
WantedBy=not-here.target

[Install]
# WantedBy=not-this.target
WantedBy=multi-user.target \\
    graphical.target
RequiredBy = sockets.target
UpheldBy=a.service
Alias=sshd.service
Also=ssh.socket
DefaultInstance=tty1
[Service]
Alias=nor-this.service
"""


def test_the_section_says_what_is_installed() -> None:
    assert unitfile.install_section(TEXT) == Install(
        aliases=("sshd.service",),
        wanted=(
            ("multi-user.target", "wants"),
            ("graphical.target", "wants"),
            ("sockets.target", "requires"),
            ("a.service", "upholds"),
        ),
        also=("ssh.socket",),
        default_instance="tty1",
    )


def test_an_empty_value_forgets_those_before_it() -> None:
    found = unitfile.install_section("[Install]\nWantedBy=a.target\nWantedBy=\nWantedBy=b.target\n")

    assert found.wanted == (("b.target", "wants"),)


def test_a_unit_without_it_has_nothing_to_install() -> None:
    assert not unitfile.install_section("[Unit]\n")
    assert not unitfile.install_section("[Install]\nDefaultInstance=x\n")
    assert unitfile.install_section("[Install]\nAlso=x.socket\n")


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("nginx", "nginx.service"),
        ("nginx.service", "nginx.service"),
        ("apt-daily.timer", "apt-daily.timer"),
        ("dbus-org.freedesktop.network1", "dbus-org.freedesktop.network1.service"),
        ("service", "service.service"),
    ],
)
def test_a_name_without_a_type_is_that_of_a_service(name: str, full: str) -> None:
    assert unitfile.full_name(name) == full


def test_instances_have_a_template() -> None:
    assert unitfile.template_of("getty@tty1.service") == "getty@.service"
    assert unitfile.template_of("getty@.service") == ""
    assert unitfile.template_of("ssh.service") == ""
    assert unitfile.is_template("getty@.service")
    assert unitfile.instance_of("getty@.service", "tty1") == "getty@tty1.service"


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("%n", "my-app@a-b.service"),
        ("%N", "my-app@a-b"),
        ("%p.target", "my-app.target"),
        ("%i", "a-b"),
        ("%I", "a/b"),
        ("%j", "app"),
        ("100%%", "100%"),
    ],
)
def test_specifiers_that_the_name_answers_are_expanded(text: str, expanded: str) -> None:
    assert unitfile.expand(text, "my-app@a-b.service") == expanded


def test_a_specifier_that_only_a_running_machine_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="%m"):
        unitfile.expand("x-%m.target", "a.service")


@pytest.mark.parametrize(
    ("unit", "alias", "may"),
    [
        ("ssh.service", "sshd.service", True),
        ("ssh.service", "sshd.socket", False),
        ("ssh.service", "sshd@.service", False),
        ("getty@tty1.service", "tty@tty1.service", True),
        ("getty@tty1.service", "tty@tty2.service", False),
        ("getty@tty1.service", "tty1.service", False),
    ],
)
def test_an_alias_is_of_the_same_type_and_instance(unit: str, alias: str, may: bool) -> None:
    assert unitfile.may_alias(unit, alias) is may
