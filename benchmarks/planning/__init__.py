"""The planning engine: customers a CPU second beside the peers, threads, and what pairing saves."""
