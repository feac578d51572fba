"""What must differ between clones."""
