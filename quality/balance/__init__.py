"""Balance of accepted items: letters, quotas, form, and what the options alone give away."""
