"""What apps ask first: where to be let in, and what is offered (SMART App Launch 2.2, 4.3)."""

from typing import Any

from joinedup.fhir.search.served import SERVED

__all__ = ["oauth_extension", "smart_configuration"]

_CAPABILITIES = """
launch-ehr launch-standalone client-public client-confidential-symmetric
client-confidential-asymmetric sso-openid-connect context-ehr-patient
context-standalone-patient permission-offline permission-online permission-patient permission-user
permission-v2
""".split()
_SPECIAL = "openid fhirUser launch launch/patient offline_access online_access"
_OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def smart_configuration(origin: str) -> dict[str, Any]:
    """Return `.well-known/smart-configuration` of the server at this origin."""
    return {
        "issuer": origin,
        "jwks_uri": f"{origin}/smart/keys",
        "authorization_endpoint": f"{origin}/smart/authorize",
        "token_endpoint": f"{origin}/smart/token",
        "introspection_endpoint": f"{origin}/smart/introspect",
        "revocation_endpoint": f"{origin}/smart/revoke",
        "management_endpoint": f"{origin}/my/apps",
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [
            "none",
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": [
            *_SPECIAL.split(),
            *(f"{level}/*.cruds" for level in ("patient", "user", "system")),
            *(f"patient/{kind}.rs" for kind in sorted((*SERVED, "AuditEvent"))),
        ],
        "capabilities": _CAPABILITIES,
    }


def oauth_extension(origin: str) -> dict[str, Any]:
    """Return where to be let in, as a CapabilityStatement says it."""
    named = {
        "authorize": "authorize",
        "token": "token",
        "introspect": "introspect",
        "revoke": "revoke",
    }
    return {
        "url": _OAUTH,
        "extension": [
            {"url": name, "valueUri": f"{origin}/smart/{path}"} for name, path in named.items()
        ],
    }
