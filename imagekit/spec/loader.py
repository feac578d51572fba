"""Specs from files and texts: read, filled in, validated, with all that is wrong at once."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from imagekit.catalog import load_catalog
from imagekit.diagnostics import Diagnostic, Place, SpecInvalid
from imagekit.secret import SecretProblem, Secrets, SecretSource
from imagekit.spec.documents import Head, Reading
from imagekit.spec.filling import Filling
from imagekit.spec.items import read_item
from imagekit.spec.model import Entry, Spec
from imagekit.spec.shape import Kinds
from imagekit.spec.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from imagekit.spec.nodes import Node
    from imagekit.transform import Transform


def load_spec(
    *paths: Path | str,
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    catalog: Mapping[str, type[Transform]] | None = None,
    withhold_secrets: bool = False,
    leave_out_unused: bool = False,
) -> Spec:
    """Return the spec that files make together, in their order: transforms one after the other, a later name wins.

    Args:
        paths: YAML files; what they name is relative to the folder of each.
        variables: values that win over those of the files (``--set``).
        secrets: sources that win over those of the files (``--secret``): ``env:VAR``, ``file:PATH`` or ``fd:N``.
        catalog: the kinds; those of this installation if None.
        withhold_secrets: read no secret, so that a spec can be looked at where its secrets are not at hand.
        leave_out_unused: take no notice of a given variable that no file has, instead of refusing it.

    Raises:
        SpecInvalid: with every problem, sorted by place.
    """
    reading = Reading(variables or {})
    for path in paths:
        reading.file(Path(path), str(path))
    return _finish(reading, secrets or {}, catalog, withhold=withhold_secrets, lenient=leave_out_unused)


def parse_spec(
    text: str,
    name: str = "spec.yaml",
    *,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    catalog: Mapping[str, type[Transform]] | None = None,
    withhold_secrets: bool = False,
) -> Spec:
    """Return the spec that a text is; ``name`` is what places call it, and ``folder`` what its paths are relative to.

    Raises:
        SpecInvalid: with every problem, sorted by place.
    """
    reading = Reading(variables or {})
    reading.text(text, name, folder or Path())
    return _finish(reading, secrets or {}, catalog, withhold=withhold_secrets)


def _finish(
    reading: Reading,
    secrets: Mapping[str, str],
    catalog: Mapping[str, type[Transform]] | None,
    *,
    withhold: bool,
    lenient: bool = False,
) -> Spec:
    problems = list(reading.problems)
    heads = []
    for head in reading.heads:
        spec, misfits = validate(Spec, head.node, "", head.node.place, {})
        problems += misfits
        heads.append((head, spec))
    sources, unusable = _secret_sources(heads, secrets)
    problems += unusable
    store = Secrets(sources, withhold=withhold)
    kinds = Kinds(load_catalog() if catalog is None else catalog)
    entries: list[Entry] = []
    for item in reading.items:
        filling = Filling(item.variables, reading.used)
        context = {"folder": item.folder, "secrets": store, "fill": filling, "read": reading.host_files}
        entry, wrong = read_item(item.node, item.field, item.variables, kinds, context)
        entries += [entry] if entry else []
        problems += wrong
    problems += [*_repeated_ids(entries), *([] if problems or lenient else _unused(reading))]
    if problems:
        raise SpecInvalid(_sorted(problems, reading))
    return _joined(heads, entries, reading)


def _joined(heads: Sequence[tuple[Head, Spec | None]], entries: Sequence[Entry], reading: Reading) -> Spec:
    """Put what several files say into one spec."""
    own = [spec for head, spec in heads if spec is not None and not head.included]
    every = [spec for _, spec in heads if spec is not None]
    names = [spec.name for spec in own if spec.name]
    declared = {name: value for head in reversed(reading.heads) for name, value in head.variables.items()}
    joined = Spec(
        name=names[-1] if names else None,
        vars={**declared, **{name: value for name, value in reading.chosen.items() if name in reading.known}},
        secrets={name: source for spec in every for name, source in spec.secrets.items()},
        transforms=tuple(entries),
        outputs=tuple(output for spec in own for output in spec.outputs),
        keep_identity=tuple(dict.fromkeys(id_ for spec in every for id_ in spec.keep_identity)),
    )
    joined._sources = tuple(reading.sources)  # noqa: SLF001  its own module family makes it
    joined._host_files = tuple(reading.host_files)  # noqa: SLF001  as above
    return joined


def _secret_sources(
    heads: Sequence[tuple[Head, Spec | None]], given: Mapping[str, str]
) -> tuple[dict[str, tuple[SecretSource | None, Path]], list[Diagnostic]]:
    """Return where each secret comes from: the command line wins over the files, and an including file over its own."""
    sources: dict[str, tuple[SecretSource | None, Path]] = {}
    for head, spec in sorted(heads, key=lambda pair: not pair[0].included):
        declared = head.node.members.get("secrets")
        for name, member in (declared.node.members if declared else {}).items():
            known = spec.secrets[name] if spec else _source(member.node)
            sources[name] = (known, head.folder)
    problems = []
    for name, text in given.items():
        try:
            sources[name] = (SecretSource.from_argument(text), Path())
        except SecretProblem as problem:
            problems.append(Diagnostic(problem.code, f"--secret {name}: {problem}", fix=problem.fix))
    return sources, problems


def _source(node: Node) -> SecretSource | None:
    """Return the source of a secret in a file of which something is wrong; None if this is."""
    try:
        return SecretSource.model_validate(node.plain())
    except ValidationError:
        return None


def _unused(reading: Reading) -> Iterator[Diagnostic]:
    """Yield each chosen variable that no file asks for or declares; every file must have been read."""
    for name in reading.chosen:
        if name not in reading.known:
            near = next(iter(difflib.get_close_matches(name, sorted(reading.known), n=1)), "")
            fix = f'did you mean "{near}"?' if near else ""
            yield Diagnostic("IK-SPEC-033", f"--set {name}: no spec has a variable of that name", fix=fix)


def _repeated_ids(entries: Sequence[Entry]) -> Iterator[Diagnostic]:
    seen: dict[str, Place | None] = {}
    for entry in entries:
        if entry.id is not None and entry.id in seen:
            yield Diagnostic(
                "IK-SPEC-017",
                f'the id "{entry.id}" is taken',
                f"{entry.origin.field}.id" if entry.origin else "id",
                entry.origin.beside.members["id"].node.place if entry.origin else None,
                why=f"by the step at {seen[entry.id]}",
            )
        elif entry.id is not None:
            seen[entry.id] = entry.place


def _sorted(problems: Sequence[Diagnostic], reading: Reading) -> tuple[Diagnostic, ...]:
    order = {source.file: number for number, source in enumerate(reading.sources)}

    def key(problem: Diagnostic) -> tuple[int, int, int]:
        place = problem.place
        return (order.get(place.file, -1), place.line, place.column) if place else (-1, 0, 0)

    return tuple(sorted(dict.fromkeys(problems), key=key))
