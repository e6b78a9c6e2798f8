"""The rubric verifier: a second model judges what deterministic gates cannot."""
