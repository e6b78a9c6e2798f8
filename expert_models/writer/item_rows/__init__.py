"""From a parsed answer to rows: what a program can check is checked here, and named as a fault."""
