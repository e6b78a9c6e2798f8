"""Grounding: which experts look at which pictures, and what becomes of what they find."""
