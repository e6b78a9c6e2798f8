"""How phases reach models: which one, through which store of answers, directly or in bulk."""
