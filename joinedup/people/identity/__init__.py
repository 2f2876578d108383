"""Who an incoming record belongs to, and what a person decides when the machine may not.

`rules` weighs; `candidates` finds whom to weigh; `arriving` acts on it; `queue` keeps and answers
what people must decide; `pages` shows it. Nothing here links two records but `queue`, for a person.
"""
