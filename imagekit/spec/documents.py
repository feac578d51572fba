"""Spec files, and what they include, read into one list of items with their variables filled in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from imagekit.diagnostics import Diagnostic, Place
from imagekit.spec.model import SourceFile
from imagekit.spec.nodes import Member, Node, without
from imagekit.spec.templates import fill, names_used, unready
from imagekit.spec.textfile import read_text
from imagekit.spec.variables import read_variables
from imagekit.spec.yamltext import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Item:
    """One item of ``transforms``, its field path in its file, the folder of that file, and the variables there."""

    node: Node
    field: str
    folder: Path
    variables: Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Head:
    """What a spec file says besides its transforms, variables filled in; its folder, and the variables it declares."""

    node: Node
    folder: Path
    variables: Mapping[str, Any]
    included: bool


@dataclass(slots=True)
class Reading:
    """What was read so far, and everything that was wrong with it."""

    chosen: Mapping[str, str]
    items: list[Item] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    sources: list[SourceFile] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)
    host_files: list[str] = field(default_factory=list)

    @property
    def known(self) -> set[str]:
        """The variables that a file asks for or declares; only complete once every text was filled in."""
        return self.used | self.declared

    def file(self, path: Path, name: str) -> None:
        """Read one spec file, called ``name`` in places."""
        text = self._text(path, name, None, "")
        if text is not None:
            self.text(text, name, path.parent, (path.resolve(),))

    def text(self, text: str, name: str, folder: Path, stack: tuple[Path, ...] = ()) -> None:
        """Read one spec from its text; host files and includes are relative to ``folder``."""
        self._document(text, name, folder, stack, None)

    def _document(
        self, text: str, name: str, folder: Path, stack: tuple[Path, ...], outer: Mapping[str, Node] | None
    ) -> None:
        """Read one spec; ``outer`` holds the variables of the including one, and is None for a spec of its own."""
        self.sources.append(SourceFile(name, hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()))
        node, problems = read_yaml(text, name)
        self.problems += problems
        if node is None or not isinstance(node.value, dict):
            if not problems:
                self.problems.append(_no_mapping(node, name))
            return
        node = Node({key: each for key, each in node.members.items() if not key.startswith("x-")}, node.place)
        variables = read_variables(node, outer or {}, self.chosen)
        self.problems += variables.problems
        self.used |= names_used(node)
        self.declared |= variables.own
        head = fill(without(node, "vars", "transforms"), variables.values)
        self.problems += head.problems
        self.problems += unready(head.node)
        declared = {name: variables.values[name].plain() for name in variables.own}
        self.heads.append(Head(head.node, folder, declared, included=outer is not None))
        self._items(node, folder, stack, variables.values)

    def _items(self, node: Node, folder: Path, stack: tuple[Path, ...], variables: Mapping[str, Node]) -> None:
        member = node.members.get("transforms")
        if member is None or member.node.value is None:
            return
        if not isinstance(member.node.value, tuple):
            self.problems.append(
                Diagnostic("IK-SPEC-014", "must be a list", "transforms", member.place, fix='begin each item with "- "')
            )
        for index, written in enumerate(member.node.items):
            at = f"transforms[{index}]"
            if "include" not in written.members:
                self.items.append(Item(written, at, folder, variables))
                continue
            filled = fill(written, variables, ("transforms", index))
            self.problems += filled.problems
            if not filled.problems:
                self._include(filled.node, at, folder, stack, variables)

    def _include(
        self, item: Node, at: str, folder: Path, stack: tuple[Path, ...], variables: Mapping[str, Node]
    ) -> None:
        """Read an included file in the place of an item."""
        problems = tuple(_wrong_include(item, at))
        self.problems += problems
        if problems:
            return
        member = item.members["include"]
        whole = member.node
        given = whole.members.get("vars")
        target = whole.members["file"].node if whole.members else whole
        path = folder / str(target.value)
        resolved = path.resolve()
        if resolved in stack:
            names = " includes ".join([*(_short(each) for each in stack[stack.index(resolved) :]), _short(resolved)])
            self.problems.append(Diagnostic("IK-SPEC-021", "includes itself", f"{at}.include", target.place, why=names))
            return
        name = str(path)
        text = self._text(path, name, target.place, f"{at}.include")
        if text is not None:
            inner = {key: each.node for key, each in given.node.members.items()} if given else {}
            self._document(text, name, path.parent, (*stack, resolved), {**variables, **inner})

    def _text(self, path: Path, name: str, place: Place | None, at: str) -> str | None:
        """Return the text of a file, or note why it cannot be read."""
        text, problem = read_text(path, name)
        if problem:
            self.problems.append(replace(problem, field=at, place=place))
        return text


def _short(path: Path) -> str:
    """Return a path with its folder, to tell files of one name apart."""
    return f"{path.parent.name}/{path.name}"


def _no_mapping(node: Node | None, name: str) -> Diagnostic:
    example = "transforms: [{hostname: web}]"
    if node is None or node.value is None:
        return Diagnostic("IK-SPEC-006", "the spec is empty", place=Place(name, 1, 1), fix=example)
    if isinstance(node.value, tuple):
        return Diagnostic(
            "IK-SPEC-006", "a spec is a mapping, not a list", place=node.place, fix='begin with "transforms:"'
        )
    colon = isinstance(node.value, str) and ":" in node.value
    fix = 'put a space after the ":"' if colon else example
    return Diagnostic("IK-SPEC-006", "a spec is a mapping, not text", place=node.place, fix=fix)


def _wrong_include(item: Node, at: str) -> Iterator[Diagnostic]:
    """Yield what is wrong with the shape of an include."""
    for key, member in item.members.items():
        if key != "include" and not key.startswith("x-"):
            yield Diagnostic(
                "IK-SPEC-020",
                f'"{key}" cannot stand beside include',
                at,
                member.place,
                why="an include is replaced by the transforms of its file; put the key on those",
            )
    whole = item.members["include"].node
    at = f"{at}.include"
    fix = "include: common.yaml, or include: {file: common.yaml, vars: {…}}"
    if isinstance(whole.value, str) and whole.value:
        return
    if not isinstance(whole.value, dict) or "file" not in whole.members:
        yield Diagnostic("IK-SPEC-020", "an include names a file", at, whole.place, fix=fix)
        return
    for key, member in whole.members.items():
        if key not in ("file", "vars"):
            yield Diagnostic("IK-SPEC-020", f'"{key}" is no field of include', f"{at}.{key}", member.place, fix=fix)
    yield from _wrong_parts(whole.members, at)


def _wrong_parts(members: Mapping[str, Member], at: str) -> Iterator[Diagnostic]:
    file, given = members["file"].node, members.get("vars")
    if not isinstance(file.value, str) or not file.value:
        yield Diagnostic("IK-SPEC-020", "must be the path of a file", f"{at}.file", file.place)
    if given and not isinstance(given.node.value, dict):
        yield Diagnostic("IK-SPEC-020", "must be a mapping", f"{at}.vars", given.place)
