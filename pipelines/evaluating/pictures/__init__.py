"""Good and bad cases of every expert, as pictures that may be shown."""
