"""What experts of three dimensions share: refusals, coarse grids, morphology in millimetres."""
