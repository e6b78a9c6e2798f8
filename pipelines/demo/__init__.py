"""The demo's data: phantoms drawn with exact truth, and where the packages' samples lie."""
