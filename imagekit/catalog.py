"""The kinds that there are: built-in ones and those of entry points, as a mapping from kind to class."""
