"""What an image's facts can support: one module an archetype or kind, each view in, orders out."""
