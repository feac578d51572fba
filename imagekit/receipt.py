"""The record of what was done: written last, beside the output; it is the commit mark."""
