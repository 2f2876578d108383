"""The room of going home from hospital: ready, needs described, who waits for what, who is told.

It meets the wards' beds and the brokers in the record only.
"""
