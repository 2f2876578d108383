"""Apps of others on our API: SMART App Launch 2.2 and its backend services.

Who is let in for what, by whom and until when is kept here; what that leaves of the policy is
`access.scopes` and `access.apps`, and the doors of `api` obey it.
"""
