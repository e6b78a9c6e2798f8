"""Whole slides: where the tissue is, which tiles are cut, and which of them are fit to be shown."""
