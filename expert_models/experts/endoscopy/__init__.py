"""Experts of endoscopy: the field of view, specular highlights, polyp candidates."""
