"""What a systemd unit's [Install] section asks for, and the names of units: pure text (systemd.unit(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass

TYPES = ("service", "socket", "target", "timer", "path", "mount", "automount", "swap", "slice", "scope", "device")
_FOLDERS = {"WantedBy": "wants", "RequiredBy": "requires", "UpheldBy": "upholds"}
KEYS = ("Alias", *_FOLDERS, "Also")
"""Keys that make a unit one that can be enabled."""


@dataclass(frozen=True, slots=True)
class Install:
    """An [Install] section.

    Attributes:
        aliases: other names of the unit.
        wanted: unit and kind of dependency (``wants``, ``requires``, ``upholds``) that shall have it.
        also: units that are enabled and disabled with it.
        default_instance: the instance that a template is enabled as; "" for none.
    """

    aliases: tuple[str, ...] = ()
    wanted: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()
    default_instance: str = ""

    def __bool__(self) -> bool:
        return bool(self.aliases or self.wanted or self.also)


def full_name(name: str) -> str:
    """Return a unit's whole name; without a type it is a service, as for systemctl(1)."""
    return name if name.rpartition(".")[2] in TYPES and "." in name else f"{name}.service"


def template_of(name: str) -> str:
    """Return the template of an instance, ``getty@.service`` for ``getty@tty1.service``; "" if it is none."""
    prefix, at, rest = name.partition("@")
    instance, _, kind = rest.rpartition(".")
    return f"{prefix}@.{kind}" if at and instance else ""


def is_template(name: str) -> bool:
    """Tell whether a name is that of a template, ``getty@.service``."""
    return "@." in name


def may_alias(unit: str, alias: str) -> bool:
    """Tell whether a unit may have a name: of its type, and an instance's if it is one (systemd.unit(5), Alias=).

    systemctl(1) passes over all others.
    """
    same_type = unit.rpartition(".")[2] == alias.rpartition(".")[2]
    return (
        same_type
        and ("@" in unit) == ("@" in alias)
        and (unit.partition("@")[2] or unit) == (alias.partition("@")[2] or unit)
    )


def instance_of(template: str, instance: str) -> str:
    """Return the name of a template's instance."""
    return template.replace("@.", f"@{instance}.", 1)


def install_section(text: str) -> Install:
    """Read the [Install] section; lines go on after a backslash, and an empty value forgets the ones before it."""
    values: dict[str, list[str]] = {}
    for key, value in _assignments(text, "Install"):
        words = value.split()
        values[key] = [*values.get(key, []), *words] if words else []
    return Install(
        aliases=tuple(values.get("Alias", ())),
        wanted=tuple((unit, folder) for key, folder in _FOLDERS.items() for unit in values.get(key, ())),
        also=tuple(values.get("Also", ())),
        default_instance="".join(values.get("DefaultInstance", ())[-1:]),
    )


def _assignments(text: str, section: str) -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n(?:[ \t]*[#;][^\n]*\n)*", " ", text)
    found, inside = [], False
    for line in joined.splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            inside = stripped == f"[{section}]"
        elif inside and stripped and stripped[0] not in "#;":
            key, equals, value = stripped.partition("=")
            if equals:
                found.append((key.strip(), value.strip()))
    return found


def expand(text: str, unit: str) -> str:
    """Return a value of an [Install] section with the specifiers that a unit's own name answers (systemd.unit(5)).

    Raises:
        ValueError: it has another one, which only a running machine could answer.
    """
    stem = unit.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    last = prefix.rpartition("-")[2]
    known = {"n": unit, "N": stem, "p": prefix, "P": _plain(prefix), "i": instance, "I": _plain(instance)}
    known |= {"j": last, "J": _plain(last), "%": "%"}

    def answer(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ValueError(f"%{match[1]} in {text!r} of {unit}")
        return known[match[1]]

    return re.sub(r"%(.)", answer, text)


def _plain(name: str) -> str:
    """Undo the escapes of a unit's name: a dash is a slash, backslash and x a byte (systemd-escape(1))."""
    slashed = name.replace("-", "/")
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda match: chr(int(match[1], 16)), slashed)
