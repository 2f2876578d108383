"""Django's way to the sign-in tables: an engine under a role of its own, opened when needed."""
