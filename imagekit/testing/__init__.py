"""Doubles and suites for the authors of transforms: MemoryGuest, phony guests, the Guest contract."""
