"""Knowledge: passages of openly licensed text, an index over them, and what an image may cite."""
