"""Services of guests: enabled, disabled and masked by the files and links that each init's own tools would write."""
