"""Experts of dermoscopy: the lesion, without its hair."""
