"""My work: one list that reads Task and nothing else, for every role (house.md, the floors).

Whose work a kind is says `access.work`; where it is done, a page of another room, named by its
address and never imported.
"""
