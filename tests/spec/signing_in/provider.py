"""An identity provider for tests: oidc-provider-mock (authlib) in a process of its own, over HTTP.

Run as a program. Beside what it brings it demands PKCE and, where it was given the client's public
key, a signed assertion (both authlib's); it signs what it is asked to and counts looks at its keys.
"""

import json
import sys
from pathlib import Path
from typing import Any

PKCE: dict[str, str] = {}
LOOKS = {"jwks": 0, "broken": 0}


def _demand_pkce(module: Any) -> None:
    from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    grant = module.AuthorizationCodeGrant
    keep, check = grant.save_authorization_code, grant.validate_token_request

    def save(self: Any, code: str, request: Any) -> None:
        if request.payload.data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is demanded")
        PKCE[code] = request.payload.data["code_challenge"]
        keep(self, code, request)

    def validate(self: Any) -> None:
        check(self)
        form = self.request.form
        if create_s256_code_challenge(form.get("code_verifier", "")) != PKCE.get(form.get("code")):
            raise InvalidGrantError("PKCE does not fit")

    grant.save_authorization_code, grant.validate_token_request = save, validate


def _name_the_key(module: Any) -> None:
    """CIS2 and NHS login say in each token which of their keys signed it."""
    config = module.OpenIDCode.get_jwt_config

    def with_kid(self: Any, *words: Any, **named: Any) -> dict[str, Any]:
        return {**config(self, *words, **named), "kid": module.storage.jwk.thumbprint()}

    module.OpenIDCode.get_jwt_config = with_kid


def _demand_assertion(module: Any, app: Any, public_key: str, port: int) -> None:
    from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
    from flask import g

    class Assertion(JWTBearerClientAssertion):
        def __init__(self, address: str) -> None:
            super().__init__(address)
            self.seen: set[str] = set()

        def validate_jti(self, claims: Any, jti: str) -> bool:
            fresh = jti not in self.seen
            self.seen.add(jti)
            return fresh

        def resolve_client_public_key(self, client: Any, headers: Any) -> Any:
            from authlib.jose import JsonWebKey

            return JsonWebKey.import_key(public_key)

    module.AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS = ["private_key_jwt"]

    @app.before_request
    def register() -> None:
        g._authlib_authorization_server.register_client_auth_method(
            "private_key_jwt", Assertion(f"http://localhost:{port}/oauth2/token")
        )


def _add_tools(app: Any, module: Any) -> None:
    import flask
    from authlib.jose import JsonWebKey, jwt

    @app.before_request
    def count() -> Any:
        if flask.request.path == "/jwks":
            LOOKS["jwks"] += 1
            if LOOKS["broken"]:
                return flask.Response("down", status=503)
        return None

    @app.post("/tool/sign")
    def sign() -> Any:
        asked = flask.request.get_json()
        key = module.storage.jwk
        header = {"alg": "RS256", "kid": key.thumbprint(), **asked.get("header", {})}
        return jwt.encode(header, asked["claims"], key.as_dict(is_private=True)).decode()

    @app.post("/tool/rotate")
    def rotate() -> Any:
        object.__setattr__(
            module.storage._get_current_object(),
            "jwk",
            JsonWebKey.generate_key("RSA", 2048, is_private=True),
        )
        return "rotated"

    @app.post("/tool/looks")
    def looks() -> Any:
        LOOKS.update(flask.request.get_json())
        return LOOKS


def main(port: int, public_key_file: str) -> None:
    """Serve until ended."""
    from oidc_provider_mock import _app as module
    from oidc_provider_mock import _server

    _demand_pkce(module)
    _name_the_key(module)
    made = module.app(require_nonce=True)
    if public_key_file:
        _demand_assertion(module, made, Path(public_key_file).read_text(), port)
    _add_tools(made, module)
    with _server._threaded_server(made, port=port):
        sys.stdout.write(json.dumps({"port": port}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
