"""Experts: models and published methods that find regions in pictures, each behind one door."""
