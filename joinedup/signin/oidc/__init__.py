"""Signing in elsewhere: an OpenID Connect client for NHS CIS2 and NHS login, and their logouts."""
