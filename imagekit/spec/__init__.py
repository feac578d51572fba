"""The spec: a YAML document of transforms, with the place of everything that the author wrote.

Codes of what can be wrong; each stands for one rule and never changes its meaning:

    IK-SPEC-001  a spec is wrong: carries the diagnostics below
    IK-SPEC-002  a spec or an included file cannot be read
    IK-SPEC-003  too large, too deep, or too much once aliases and variables are expanded
    IK-SPEC-004  not YAML
    IK-SPEC-005  a key stands twice in one mapping
    IK-SPEC-006  the document is no spec
    IK-SPEC-010  an item of transforms has the wrong shape
    IK-SPEC-011  there is no such kind
    IK-SPEC-012  there is no such field
    IK-SPEC-013  a field is missing
    IK-SPEC-014  a value is not what its field takes
    IK-SPEC-015  a number with a leading 0 must be quoted
    IK-SPEC-016  a kind without a main field was given a value alone
    IK-SPEC-017  two steps have one id
    IK-SPEC-020  an include has the wrong shape
    IK-SPEC-021  an include leads back to itself
    IK-SPEC-030  there is no such variable or fact
    IK-SPEC-031  ${{ }} holds something that is no variable
    IK-SPEC-032  a list or a mapping inside text
    IK-SPEC-033  a variable's name, or a value given by --set, is wrong
    IK-SPEC-034  variables are made of each other
    IK-SPEC-040  there is no such secret
    IK-SPEC-041  a secret cannot be read
    IK-SPEC-042  the source of a secret is wrong
    IK-SPEC-060  two built-in kinds have one name
    IK-SPEC-061  a kind of another distribution cannot be used
"""

from imagekit.spec.conditions import When
from imagekit.spec.items import complete
from imagekit.spec.loader import load_spec, parse_spec
from imagekit.spec.model import Entry, Origin, Output, Pending, SourceFile, Spec

__all__ = [
    "Entry",
    "Origin",
    "Output",
    "Pending",
    "SourceFile",
    "Spec",
    "When",
    "complete",
    "load_spec",
    "parse_spec",
]
