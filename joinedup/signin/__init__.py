"""Signing in: one-click accounts of the invented place, sessions, and tokens for the API.

Who may see what is decided by `access`; here a sign-in or a token becomes its Permit. Real
accounts (passwords, passkeys, NHS identity) come with issue 2, behind the same functions.
"""
