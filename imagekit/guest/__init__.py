"""What a guest is: the verbs, the facts, the journal."""
