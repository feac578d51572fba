"""The spec: a YAML document of transforms, with the place of everything that the author wrote."""
