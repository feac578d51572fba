"""Many images by many specs: which jobs there are, who runs them, and the journal of what became of each."""
