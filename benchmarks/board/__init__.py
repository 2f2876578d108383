"""What the board of a thousand inpatients costs."""
