"""Places: the 42 systems of England in compact tables, each with sources; `derive` makes them."""
