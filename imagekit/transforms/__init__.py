"""The built-in kinds, one module each."""
