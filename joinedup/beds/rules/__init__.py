"""What may be done with beds, wards, waiting lists and levels of pressure: pure functions.

Rows and times come in as arguments; nothing is written or sent here.
"""
