"""Package managers of guests: one small protocol, a module each."""
