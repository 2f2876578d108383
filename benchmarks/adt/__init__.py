"""How many of a hospital's messages a second are taken, each a commit of its own."""
