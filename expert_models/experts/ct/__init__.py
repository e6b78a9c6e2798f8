"""Experts of CT: axial slices in Hounsfield units, by thresholds with a physical meaning."""
