"""The identities, one module a group."""
