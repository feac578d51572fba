"""What a guest needs on each platform: agents, kernel modules, consoles."""
