"""Package managers, one module each, behind one small interface."""
