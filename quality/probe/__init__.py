"""The probe: errors planted in text believed good, to measure what the gates catch."""
