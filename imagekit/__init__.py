"""imagekit customizes disk images offline: a declarative spec in, a whole new image out, or nothing.

    import imagekit

    receipt = imagekit.customize("base.qcow2", "spec.yaml", output="web.qcow2")

Names load on first use, so that ``import imagekit`` costs milliseconds and works without the guestfs binding.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from imagekit import machine_id as machine_id, transforms as transforms
    from imagekit.engine.auditing import (
        AuditReport as AuditReport,
        audit as audit,
        load_waivers as load_waivers,
        render_audit as render_audit,
    )
    from imagekit.engine.booting import (
        BootReport as BootReport,
        boot as boot,
    )
    from imagekit.engine.caching import (
        CacheReport as CacheReport,
        cache as cache,
    )
    from imagekit.engine.customize import (
        customize as customize,
    )
    from imagekit.engine.describing import (
        KindList as KindList,
        SpecSchema as SpecSchema,
        describe_kinds as describe_kinds,
        describe_spec as describe_spec,
    )
    from imagekit.engine.doctor import (
        Diagnosis as Diagnosis,
        doctor as doctor,
    )
    from imagekit.engine.inspecting import (
        Inspection as Inspection,
        inspect as inspect,
    )
    from imagekit.engine.options import (
        Options as Options,
    )
    from imagekit.engine.planning import (
        PlanReport as PlanReport,
        plan as plan,
    )
    from imagekit.engine.seeding import (
        SeedReport as SeedReport,
        seed as seed,
    )
    from imagekit.engine.validating import (
        SpecReport as SpecReport,
        validate as validate,
    )
    from imagekit.errors import (
        ApplianceError as ApplianceError,
        FindingsError as FindingsError,
        HostError as HostError,
        ImageError as ImageError,
        ImagekitError as ImagekitError,
        SpecError as SpecError,
        StepError as StepError,
    )
    from imagekit.farm.batching import (
        batch as batch,
    )
    from imagekit.farm.summary import (
        BatchReport as BatchReport,
    )
    from imagekit.receipt import (
        Receipt as Receipt,
    )
    from imagekit.spec import (
        Spec as Spec,
        load_spec as load_spec,
    )

_HOMES = {
    "ApplianceError": "imagekit.errors",
    "FindingsError": "imagekit.errors",
    "HostError": "imagekit.errors",
    "ImageError": "imagekit.errors",
    "ImagekitError": "imagekit.errors",
    "SpecError": "imagekit.errors",
    "AuditReport": "imagekit.engine.auditing",
    "BatchReport": "imagekit.farm.summary",
    "BootReport": "imagekit.engine.booting",
    "CacheReport": "imagekit.engine.caching",
    "Diagnosis": "imagekit.engine.doctor",
    "Inspection": "imagekit.engine.inspecting",
    "KindList": "imagekit.engine.describing",
    "Options": "imagekit.engine.options",
    "PlanReport": "imagekit.engine.planning",
    "Receipt": "imagekit.receipt",
    "SeedReport": "imagekit.engine.seeding",
    "Spec": "imagekit.spec",
    "SpecReport": "imagekit.engine.validating",
    "SpecSchema": "imagekit.engine.describing",
    "StepError": "imagekit.errors",
    "audit": "imagekit.engine.auditing",
    "batch": "imagekit.farm.batching",
    "boot": "imagekit.engine.booting",
    "cache": "imagekit.engine.caching",
    "customize": "imagekit.engine.customize",
    "describe_kinds": "imagekit.engine.describing",
    "describe_spec": "imagekit.engine.describing",
    "doctor": "imagekit.engine.doctor",
    "inspect": "imagekit.engine.inspecting",
    "load_spec": "imagekit.spec",
    "load_waivers": "imagekit.engine.auditing",
    "plan": "imagekit.engine.planning",
    "render_audit": "imagekit.engine.auditing",
    "seed": "imagekit.engine.seeding",
    "validate": "imagekit.engine.validating",
}

_MODULES = ("machine_id", "transforms")
"""Public modules, used by their names: ``imagekit.machine_id.app_specific``, ``imagekit.transforms.Hostname``."""

__all__ = sorted(_HOMES)  # noqa: PLE0605  one list, not two; a test holds it sorted and complete


def __getattr__(name: str) -> Any | ModuleType:
    """Load a public name from its home at first use (PEP 562)."""
    if name in _MODULES:
        return importlib.import_module(f"imagekit.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'imagekit' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return list(__all__)
