"""The quality report: one page that a clinician can read, made of counts and of looked-up rows."""
