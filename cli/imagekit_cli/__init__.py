"""The imagekit command: thin, one verb a file."""
