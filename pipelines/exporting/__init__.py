"""What leaves a finished build in another form."""
