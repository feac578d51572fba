"""Write the generated reference pages: ``make docs``. A test holds them to what the code says."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import imagekit
import imagekit_cli
from imagekit import errors
from imagekit.catalog import load_catalog
from imagekit.engine.auditing.deep import FIX as FIX_OF_DELETED
from imagekit.engine.auditing.rules import DELETED, OF_IMAGES, rules_for
from imagekit.errors import ImagekitError
from imagekit.events import OF_BUILDS
from imagekit.farm.event_schema import OF_FARMS, event_schema, events_schema
from imagekit.identity.catalogue import load_catalogue
from imagekit.identity.flaws import load_flaws
from imagekit.schema import describe_kind
from imagekit.testing.phony import guest_names, load_guest
from imagekit.testing.planted import read_planting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.events import Event
    from imagekit.identity.item import Item
    from imagekit.schema import FieldDoc, KindDoc

FOLDER = Path(__file__).parent / "reference"
TESTS = Path(__file__).parents[1] / "tests"
MADE = "<!-- Written by docs/build_reference.py; edit the docstrings instead, and run: make docs -->\n"


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    texts = {"kinds.md": kinds_page(), "errors.md": errors_page(), "identities.md": identities_page()}
    texts |= {"rules.md": rules_page(), "proofs.md": proofs_page()}
    texts |= {"events.md": events_page(), "events.schema.json": f"{json.dumps(events_schema(), indent=1)}\n"}
    return {name: re.sub("(?<!`)``(?!`)", "`", text) for name, text in texts.items()}


def kinds_page() -> str:
    """Return the page of all kinds that come with imagekit."""
    docs = [describe_kind(cls) for kind, cls in load_catalog().items() if "." not in kind]
    table = ["| kind | does |", "|---|---|", *(f"| [`{doc.kind}`](#{doc.kind}) | {doc.summary} |" for doc in docs)]
    intro = "Each is one item of a spec's `transforms`. The main field may be given alone."
    return "\n".join([MADE, "# Kinds\n", intro + "\n", *table, "", *(_kind(doc) for doc in docs)])


def _kind(doc: KindDoc) -> str:
    notes = [f"Main field: `{doc.main}`."] if doc.main else []
    notes += [f"Runs in the {doc.phase} phase, whatever its place in the spec."] if doc.phase != "content" else []
    notes += ["Opaque: it runs guest programs."] if doc.opaque else []
    parts = [f"## {doc.kind}", doc.summary, doc.description, " ".join(notes), _example(doc.example)]
    rows = [
        f"| `{name}` | {field.type} | {'**required**' if field.required else _code(field.default)} | {_cell(field.description)} |"
        for name, field in _fields(doc.fields)
    ]
    table = ["| field | takes | default | meaning |\n|---|---|---|---|", *rows] if rows else []
    return "\n\n".join([*filter(None, parts), *(["\n".join(table)] if table else [])]) + "\n"


def _example(example: str) -> str:
    return "```yaml\n- " + example.replace("\n", "\n  ") + "\n```"


def _fields(fields: tuple[FieldDoc, ...], above: str = "") -> Iterator[tuple[str, FieldDoc]]:
    for field in fields:
        yield f"{above}{field.name}", field
        yield from _fields(field.fields, f"{above}{field.name}.")


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_IDENTITIES = """\
What must differ between clones of one image, and what must not go with them. `generalize` resets what is *on*, and
more by `include`; ids are those of its fields and of `keep_identity`. *Brands* marks what a build that brings it resets
at its end, asked or not. Who makes a new one was asked of phony guests of eight distributions after a reset; where it
says *nobody*, the identity is left, and told, unless it is named. `~` is every home: of root, of people by UID_MIN and
UID_MAX of login.defs(5), the skeleton, and what is left in /home of people who are gone.
"""
_LEFT_OUT = """\
## Not in the catalogue

UUIDs of file systems, LVM and partition tables, and LUKS' volume keys, are on the disk and not in files.

What could not be held against a package or a manual page is not reset: the databases of wtmpdb and lastlog2, OpenRC's
seedrng, dnf's countme; Ubuntu Pro, Landscape, /etc/SUSEConnect, Red Hat Insights and rhc, /var/lib/rhsm; the keys of
Docker and of Kubernetes but K3s' password of a node; glusterd.info, the cache of ZFS, ARRAY lines of mdadm, system_id
of LVM; Tailscale, ZeroTier, Netbird, Nebula; Wicked's and Kea's leases; agents for monitoring and security but
Netdata and Wazuh; the registration of the SSM agent; VMware's vgauth; UUIDs of libvirt's networks; keys in a TPM; the
accounts of Let's Encrypt; proxies that a build left in configuration.
"""


def identities_page() -> str:
    """Return the page of the catalogue of identities, by group."""
    makers = _makers()
    parts = [MADE, "# Identities\n", _IDENTITIES]
    for group in sorted({item.group for item in load_catalogue()}):
        rows = [_identity(item, makers[item.id]) for item in load_catalogue() if item.group == group]
        head = "| id | what, where | severity | default | who makes a new one |\n|---|---|---|---|---|"
        parts.append("\n".join([f"## {group}\n", head, *rows, ""]))
    return "\n".join([*parts, _LEFT_OUT])


def _identity(item: Item, makers: list[str]) -> str:
    where = ", ".join(f"`{_cell(pattern)}`" for pattern in item.paths) or "where it is configured"
    default = ("on" if item.default else "off") + (", brands" if item.default and item.brands else "")
    why = f" *{_cell(item.why)}.*" if item.why else ""
    made = "; ".join(f"{maker}" for maker in makers) or "nobody"
    return f"| `{item.id}` | {_cell(item.title)}: {where} | {item.severity} | {default} | {_cell(made)}.{why} |"


def _makers() -> dict[str, list[str]]:
    """Return who makes each identity anew, on guests that had all of them and were reset."""
    planting = read_planting()
    found: dict[str, list[str]] = {item.id: [] for item in load_catalogue()}
    for name in guest_names():
        guest = load_guest(name)
        ids = planting.ids(guest.facts.family)
        planting.plant(guest, ids)
        items = [item for item in load_catalogue() if item.id in ids]
        for item in items:
            item.reset(guest)
        for item in items:
            maker = item.returns(guest)
            if maker and maker not in found[item.id]:
                found[item.id].append(maker)
    return found


def rules_page() -> str:
    """Return the page of what audit looks for beside identities."""
    identities = {item.id for item in load_catalogue()}
    of_instances = {rule.id for rule in rules_for("instance", deep=True)}
    fixes = {flaw.id: flaw.fix for flaw in load_flaws()} | {rule.id: "boot it, and shut it down" for rule in OF_IMAGES}
    fixes[DELETED.id] = FIX_OF_DELETED
    intro = (
        "`imagekit audit` looks for every [identity](identities.md) under its id, and for the flaws below, which no reset\n"
        "mends. An id never changes its meaning; it is what a finding is called and what a waiver names.\n\n"
        "In a template an identity is as bad as its severity says, but one that `generalize` leaves alone unless told is\n"
        "a note, short of an error. In an instance it is no finding, unless another image of the audit has the same.\n"
        f"`{DELETED.id}` is looked for with `--deep`.\n"
    )
    head = "| rule | severity | used for | what it is | why it matters | what to do |\n|---|---|---|---|---|---|"
    rows = [
        f"| `{rule.id}` | {rule.severity} | {'both' if rule.id in of_instances else 'templates'} | {_cell(rule.title)} |"
        f" {_cell(rule.why)} | {_cell(fixes[rule.id])} |"
        for rule in rules_for("template", deep=True)
        if rule.id not in identities
    ]
    return "\n".join([MADE, "# Rules of audit\n", intro, head, *rows]) + "\n"


PHONY = {
    "debian": "Debian 12",
    "debian13": "Debian 13",
    "ubuntu": "Ubuntu",
    "fedora": "Fedora",
    "rocky": "Rocky",
    "opensuse": "openSUSE",
    "arch": "Arch",
    "alpine": "Alpine",
}
"""What the fixtures of tests/conftest.py are, in the order of the page."""


def proofs_page() -> str:
    """Return the page that says on what each kind was proven, and by which test."""
    told = runpy.run_path(str(TESTS / "proofs.py"))
    kinds = [kind for kind in load_catalog() if "." not in kind]
    levels: dict[str, str] = told["LEVELS"]
    rows = []
    for kind in kinds:
        found = [proof for proof in told["PROOFS"] if proof.kind == kind]
        cells = [
            ", ".join(dict.fromkeys(on for each in found if each.level == level for on in each.on)) for level in levels
        ]
        rows.append(f"| [`{kind}`](kinds.md#{kind}) | {', '.join(fakes_of(kind))} | {' | '.join(cells)} |")
    lines = [f"| `{each.kind}` | {each.level} | {', '.join(each.on)} | `{each.test}` |" for each in told["PROOFS"]]
    return "\n".join(
        [
            MADE.replace("the docstrings", "tests/proofs.py"),
            "# What was proven on what\n",
            "* **fake**: a phony guest in memory, in the unit test of the kind",
            *(f"* **{level}**: {meaning}" for level, meaning in levels.items()),
            "",
            told["NOT_PROVEN"],
            f"| kind | fake | {' | '.join(levels)} |",
            "|---" * (len(levels) + 2) + "|",
            *rows,
            "\n## By which test\n",
            "| kind | level | on | test |\n|---|---|---|---|",
            *lines,
            "",
        ]
    )


def fakes_of(kind: str) -> list[str]:
    """Return the phony guests that a kind's unit test asks for, as fixtures or by name."""
    path = TESTS / "unit" / "transforms" / f"test_{kind.replace('-', '_')}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    constants = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return [name for fixture, name in PHONY.items() if fixture in arguments | constants]


def events_page() -> str:
    """Return the page of what a farm tells while it goes on."""
    intro = (
        "`imagekit batch --json` prints one of these a line, as it happens; `JobWentOn.inner` holds one of those of a job.\n"
        'The last line is `FarmFinished`, or an error: `{"error": {…}}`. [The JSON Schema](events.schema.json) has all of\n'
        "it. A later release may add events and fields; skip what you do not know.\n"
    )
    parts = [
        MADE,
        "# Events of a farm\n",
        intro,
        *map(_event, OF_FARMS),
        "# Events of a job\n",
        *map(_event, OF_BUILDS),
    ]
    return "\n".join(parts)


def _event(event: type[Event]) -> str:
    fields = event_schema(event)["properties"].items()
    rows = [f"| `{name}` | {field['type']} |" for name, field in fields if "type" in field]
    return "\n".join([f"## {event.__name__}\n", inspect.getdoc(event) or "", "\n| field | is |\n|---|---|", *rows, ""])


def errors_page() -> str:
    """Return the page of all errors, by who must act."""
    families = [cls for cls in vars(errors).values() if isinstance(cls, type) and _is_family(cls)]
    known = _known()
    intro = (
        "A code never changes its meaning. `imagekit` exits with the status of the family; `--json` prints the code,\n"
        "and in Python each is a class below `imagekit.ImagekitError`.\n"
    )
    parts = [MADE, "# Errors\n", intro]
    for family in families:
        members = [cls for cls in known if issubclass(cls, family) and cls is not family]
        parts += [f"## {family.__name__}: exit status {family.exit_status}\n", f"{_first_line(family)}\n"]
        parts += _codes(members) if members else []
    others = [cls for cls in known if not issubclass(cls, tuple(families))]
    parts += ["## Of the command alone\n", *_codes(others)] if others else []
    return "\n".join(parts)


def _codes(members: list[type[ImagekitError]]) -> list[str]:
    rows = [f"| {cls.code} | {_cell(_first_line(cls))} |" for cls in members]
    return ["| code | means |", "|---|---|", *rows, ""]


def _first_line(cls: type) -> str:
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def _is_family(cls: type) -> TypeGuard[type[ImagekitError]]:
    return cls.__base__ is ImagekitError


def _known() -> list[type[ImagekitError]]:
    """Return every error of the product, by code; all modules are loaded for it."""
    for package in (imagekit, imagekit_cli):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    return sorted(_below(ImagekitError), key=lambda cls: cls.code)


def _below(cls: type[ImagekitError]) -> set[type[ImagekitError]]:
    direct = {each for each in cls.__subclasses__() if each.__module__.startswith("imagekit")}
    return direct.union(*(_below(each) for each in direct))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"wrote docs/reference/{name}")
