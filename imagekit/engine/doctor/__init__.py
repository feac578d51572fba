"""``doctor``: can this host do the work, as fast as it could, and if not, which command mends it."""

from imagekit.engine.doctor.check import Check, Diagnosis
from imagekit.engine.doctor.examine import doctor

__all__ = ["Check", "Diagnosis", "doctor"]
