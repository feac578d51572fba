"""The steps of a build, in the order that they run: pure, from a spec and then from the facts."""
