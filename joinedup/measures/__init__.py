"""What the place counts of itself: returns and the winter page.

Above the rooms and below planning: numbers are made from the record as it stood, whole and named to
nobody; whom a number counts is shown by each reader's own permit. No rule of a room is here.
"""
