"""Where spec, image and appliance meet."""
