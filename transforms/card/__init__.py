"""The dataset card and its machine-readable twin, both made from counts and from nothing else."""
