"""Experts of projection radiographs."""
