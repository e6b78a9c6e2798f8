"""One file a command: it parses and prints; the work is a function one import away."""
