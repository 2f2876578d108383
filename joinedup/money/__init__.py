"""Money of a place: pools and grants, providers' invoices, the pay run. A room like the others.

Rules are pure and build `ledger` values; the record keeps them. What money is for stands in the
record too: packages, visits, invoices, agreements (`fhir.profiles`).
"""
