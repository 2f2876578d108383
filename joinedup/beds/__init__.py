"""The room of beds and wards: who lies where, what is closed and why, how pressed the place is.

It meets discharge and brokerage in the record only.
"""
