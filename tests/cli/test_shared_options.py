from __future__ import annotations

import inspect
from pathlib import Path

from imagekit_cli.shared_options import Common, shows_common, takes_common


def command(name: str, *, common: Common) -> int:
    return len(name) + (common.memory or 0)


def test_a_command_gets_the_shared_options_as_one_value() -> None:
    values = {
        name: parameter.default for name, parameter in inspect.signature(takes_common(command)).parameters.items()
    }

    assert takes_common(command)(**{**values, "name": "abc", "memory": 512}) == 515


def test_its_own_parameters_come_first_and_common_is_none_of_them() -> None:
    names = list(inspect.signature(takes_common(command)).parameters)

    assert names[:2] == ["name", "json"]
    assert "common" not in names


def test_a_command_hides_what_the_help_of_all_shows() -> None:
    def shown(function: object) -> set[str]:
        parameters = inspect.signature(function).parameters  # type: ignore[arg-type]
        return {
            name
            for name, parameter in parameters.items()
            if hasattr(parameter.annotation, "__metadata__") and not parameter.annotation.__metadata__[0].hidden
        }

    assert shown(takes_common(command)) == {"json"}
    assert {"json", "memory", "timeout", "version"} <= shown(shows_common(command))


def test_what_was_not_said_is_left_to_the_engine() -> None:
    options = Common().options()

    assert (options.memory, options.cpus, options.timeout, options.network) == (1024, 1, None, True)
    assert options.cold is False


def test_what_was_said_reaches_the_engine() -> None:
    options = Common(
        memory=512,
        cpus=2,
        timeout=60,
        no_network=True,
        cold=True,
        proxy="http://proxy:3128",
        key=["/dev/sda2=file:k"],
        allow_backing=[Path("/srv")],
    ).options()

    assert (options.memory, options.cpus, options.timeout, options.network) == (512, 2, 60, False)
    assert options.cold is True
    assert options.proxy == "http://proxy:3128"
    assert options.keys == ("/dev/sda2=file:k",)
    assert options.allow_backing == (Path("/srv"),)
