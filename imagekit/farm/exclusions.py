"""``exclude``: which places of the matrix are not made, and which items of it fit nothing."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from imagekit.spec.sentences import nearest_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from imagekit.diagnostics import Diagnostic
    from imagekit.farm.document import Farm
    from imagekit.farm.files import Found


class Exclusions:
    """The exclusions of a farm, each as the files and values that it fits: looked up, not matched, for each place.

    Args:
        farm: one without faults.
        images: all of its images.
        specs: all of its specs.
    """

    def __init__(self, farm: Farm, images: Sequence[Found], specs: Sequence[Found]) -> None:
        self._farm = farm
        self._known = {"image": _spellings(images), "spec": _spellings(specs)}
        self._known |= {name: {value: (value,) for value in values} for name, values in farm.matrix.items()}
        self._items = [
            {name: self._fitting(name, patterns) for name, patterns in item.items()} for item in farm.exclude
        ]

    def cover(self, image: Found, spec: Found, values: Mapping[str, str]) -> bool:
        """Tell whether a place of the matrix is not made."""
        at = {"image": str(image.path), "spec": str(spec.path), **values}
        return any(all(at[name] in fitting for name, fitting in item.items()) for item in self._items)

    def idle(self) -> Iterator[Diagnostic]:
        """Yield each part of an item that fits nothing: what was meant would be made."""
        for index, item in enumerate(self._farm.exclude):
            for name, patterns in item.items():
                for number, pattern in enumerate(patterns):
                    if not self._fitting(name, (pattern,)):
                        yield self._unfit(("exclude", index, name, number), name, pattern)

    def _fitting(self, name: str, patterns: Collection[str]) -> set[str]:
        """Return the files, or the values, that a pattern fits."""
        return {
            key
            for key, spellings in self._known[name].items()
            if any(fnmatchcase(spelling, pattern) for spelling in spellings for pattern in patterns)
        }

    def _unfit(self, path: tuple[str | int, ...], name: str, pattern: str) -> Diagnostic:
        known = tuple(spellings[0] for spellings in self._known[name].values())
        near = nearest_name(pattern, known)
        what = name if name in ("image", "spec") else f"value of {name}"
        return self._farm.diagnostic(
            "IK-FARM-024",
            f'no {what} is "{pattern}", so nothing is excluded',
            path,
            why=""
            if near or len(known) > 12
            else f"there {'is only' if len(known) == 1 else 'are'} {', '.join(known)}",
            fix=f'did you mean "{near}"?' if near else "",
        )


def _spellings(files: Sequence[Found]) -> dict[str, tuple[str, ...]]:
    """Return path -> what it may be called: its stem, its name, and as the farm names it."""
    return {str(each.path): (each.stem, each.path.name, each.shown) for each in files}
