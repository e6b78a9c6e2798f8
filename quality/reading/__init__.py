"""An independent reader: from a sentence to the claims it makes. Shares no code with what writes."""
