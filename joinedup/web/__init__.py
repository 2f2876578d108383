"""The furniture of every page: layout, dates in words, small charts, refusals as pages.

Nothing here knows what a person's record holds; rooms bring values, and templates show them.
"""
