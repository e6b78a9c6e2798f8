"""Probes that need models: a verifier before planted errors, and planted orders in a corpus of phantoms."""
