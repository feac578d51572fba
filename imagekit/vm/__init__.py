"""Booting an image under qemu."""
