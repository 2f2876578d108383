"""What posting costs, what many at once do to it, and how long a place's year takes to tell."""
