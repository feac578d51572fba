"""Network configuration, written for the stack that a guest uses; devices are found by name, never by address."""
