"""What may be done on the way home, and what it leads to: pure functions of values.

A fact each file; times, days and workers come in as arguments; nothing is written or sent here.
"""
