"""Money that adds up: double entry in whole pence. Pure: it keeps nothing and asks nobody the time.

A posting moves money between accounts and sums to zero; what was posted is reversed, never edited;
a balance is the fold of its entries. The tables are `record`'s, what money is for is the rooms'.
"""
