"""How far two markings of one picture agree: overlap, distance, objects, and how sure that is."""
