"""Experts of ultrasonography."""
