"""A person's own page of how they are told that there is something new. `jobs` does the telling."""
