"""Shared facts: how one is written as FHIR R4, read back, checked, and sent as Client Level Data.

One file a fact (`request`, `assessment`, `package`, `review`, `council_person`); what the four
council events have in common is `event`, the columns of the return are `columns`. Rooms share facts
through here only. Why these types: docs/decisions/0003-cld-events.md.
"""
