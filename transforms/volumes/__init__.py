"""Volumes as rows: label volumes, measures in 3-D, what contains what, and cuts made again."""
