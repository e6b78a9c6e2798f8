"""Experts of fundus photographs: field of view, vessels, optic disc."""
