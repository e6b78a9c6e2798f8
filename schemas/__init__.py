"""Row types, vocabularies and ids: what every stage agrees on. Imports nothing else of medgrain."""
