"""Image files: the check without trust, overlays, locks, publishing. Only this package writes an image."""
