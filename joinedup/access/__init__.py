"""Who may do what to whom, and why. Pure: decisions are made from values, never from a database."""
