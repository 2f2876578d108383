"""How many coordinators can race for how few starts, and how soon everybody is told."""
