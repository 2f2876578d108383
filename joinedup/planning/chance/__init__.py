"""Chance as a function: every random number is named by seed, run, class, person and purpose.

Nothing is drawn from a stream, so order, threads and machines do not matter, any person can be
played again, and two scenarios give the same person the same luck (common random numbers, one
person at a time). Only + - * / and square roots of IEEE 754 are used, each exactly rounded, so
the same bits come out on every machine. `keys` names the numbers, `laws` makes times of them.
"""
