"""The libguestfs appliance: accelerator, session, worker, guest adapter."""
