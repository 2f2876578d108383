"""What the place does by itself: telling people, freeing what ran out, cleaning up.

`runner` runs steps, each safe to be killed and to run twice; `telling` and `sending` are two of
them. The steps of rooms are given to it by the site.
"""
