"""Derives the compact tables of places from published files; run once, by hand, when they change.

`python -m joinedup.reference.places.derive FOLDER` reads the folders named in each table's notes
and writes the tables beside this package. Raw files are never copied; each table names its sources.
"""
