"""Which providers may be offered work, and what a visit must have: pure functions of values."""
