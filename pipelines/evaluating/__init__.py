"""Experts against the annotations of declared sources."""
