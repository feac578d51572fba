"""What may be asked of any guest, whatever its distribution; the one home of what differs."""
