"""The search language of FHIR R4, without a database.

What a query means (`query`, `clause`), what a resource is found by (`extract`), and the
table between them (`parameters`). `record` turns clauses into SQL; nothing here knows how.
"""
