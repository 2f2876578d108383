"""Dated tables of public facts, each row with its source. Pure: the day is always an argument.

One loader (`tables`) over small committed CSV files; `organisations` and `codes` read it.
"""
