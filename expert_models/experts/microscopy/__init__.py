"""Experts on cells under the microscope."""
