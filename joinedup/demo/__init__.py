"""An invented place: Marlbrook, its people and its organisations, made from a seed.

Lives here: who the people are, what each organisation has written about them, and `place`,
which puts it all in the record through the same doors as real files. Nobody here is real.
"""
