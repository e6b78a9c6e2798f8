"""Experts on stained tissue and slides."""
