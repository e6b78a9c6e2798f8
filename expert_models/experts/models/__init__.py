"""Experts with weights: a card (YAML) says what a network is; one runtime feeds it and reads its answers."""
