"""Experts of magnetic resonance imaging."""
