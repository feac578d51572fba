"""Every module has its test, at the place that mirrors its own."""

from __future__ import annotations

from pathlib import Path

UNTESTED = {
    "imagekit/guest/protocol.py": "signatures alone; the contract suites hold every guest to them",
}
VAGUE = {"base", "common", "core", "helpers", "misc", "util", "utils"}


def mirrored(module: Path) -> Path:
    """Return where a module's test is: imagekit/a/b.py -> tests/unit/a/test_b.py, the command line's in tests/cli."""
    own = module.parts[0] == "imagekit"
    inner = module.relative_to("imagekit" if own else "cli/imagekit_cli")
    return Path("tests", "unit" if own else "cli") / inner.with_name(f"test_{inner.name}")


def test_every_module_has_a_test_at_the_mirrored_place(root: Path, modules: list[Path]) -> None:
    due = [module for module in modules if module.name != "__init__.py" and str(module) not in UNTESTED]

    assert {str(each): str(mirrored(each)) for each in due if not (root / mirrored(each)).is_file()} == {}


def test_what_needs_no_test_is_still_there(root: Path) -> None:
    assert [name for name in UNTESTED if not (root / name).is_file()] == []


def test_no_module_is_named_for_nothing_in_particular(modules: list[Path]) -> None:
    product = [module for module in modules if "contract" not in module.parts]

    assert [str(module) for module in product if module.stem in VAGUE] == []


def test_tests_are_no_package_so_that_none_imports_another(root: Path) -> None:
    assert [str(path) for path in (root / "tests").rglob("__init__.py")] == []
