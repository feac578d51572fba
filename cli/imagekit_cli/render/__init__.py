"""Results as lines of text: pure functions of what the library returns."""
