"""The initramfs of a guest: who makes it, where it is, what is inside, and how it is made anew."""
