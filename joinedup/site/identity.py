"""The identity providers of a place, from its settings."""

from joinedup.signin.providers import Provider
from joinedup.site.environment import Environment

__all__ = ["identity_providers"]


def identity_providers(environment: Environment) -> tuple[Provider, ...]:
    """Return those that are set up: NHS CIS2 for workers, NHS login for people."""
    found = []
    if environment.cis2_issuer and environment.cis2_key:
        found.append(
            Provider(
                name="cis2",
                words="NHS CIS2",
                kind="worker",
                issuer=environment.cis2_issuer,
                client_id=environment.cis2_client,
                key_file=environment.cis2_key,
                algorithm=environment.cis2_algorithm,
                scope="openid profile",
            )
        )
    if environment.nhs_login_issuer and environment.nhs_login_key:
        found.append(
            Provider(
                name="nhs-login",
                words="NHS login",
                kind="person",
                issuer=environment.nhs_login_issuer,
                client_id=environment.nhs_login_client,
                key_file=environment.nhs_login_key,
                algorithm=environment.nhs_login_algorithm,
                scope="openid profile profile_extended",
            )
        )
    return tuple(found)
