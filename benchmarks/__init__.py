"""Measurements, each run by `./dev bench NAME`; they print figures and never assert times."""
