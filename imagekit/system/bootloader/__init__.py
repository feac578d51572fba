"""The boot loaders of a guest: their entries, their kernel arguments, GRUB's environment block."""
