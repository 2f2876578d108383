"""Alerts: staff who opened their own record, or that of family, a colleague, a VIP (AC-03)."""
