"""A plain HTTP client that can send what a good client would not, and times every answer."""

import http.client
import json
import socket
import time
from typing import Any

from msgspec import Struct

__all__ = ["Answer", "Client"]

LIMIT_SECONDS = 60


class Answer(Struct, frozen=True):
    """One answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """The body as a JSON tree."""
        return json.loads(self.body)

    @property
    def version(self) -> str:
        """The ETag, as If-Match takes it."""
        return self.headers["etag"]

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The resources of a bundle."""
        return [e["resource"] for e in self.json.get("entry", ()) if "resource" in e]

    @property
    def issues(self) -> list[dict[str, Any]]:
        """The issues of an OperationOutcome."""
        assert self.json["resourceType"] == "OperationOutcome", self.body[:300]
        issues: list[dict[str, Any]] = self.json["issue"]
        return issues

    @property
    def said(self) -> str:
        """Everything an OperationOutcome says, with where."""
        return " ".join(f"{i['diagnostics']} {i.get('expression', '')}" for i in self.issues)


class Client:
    """One kept connection; not for several threads at once.

    `resends` says whether a request is sent again when a kept connection turns out closed: not for
    who counts how often a request took effect.
    """

    def __init__(self, port: int, token: str | None) -> None:
        self.port = port
        self.token = token
        self.resends = True
        self._socket: socket.socket | None = None

    def get(self, path: str, **headers: str) -> Answer:
        """GET an address below /fhir."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, resource: Any, **headers: str) -> Answer:
        """POST a resource, a text or bytes."""
        return self.send("POST", path, resource, headers=headers)

    def put(self, path: str, resource: Any, **headers: str) -> Answer:
        """PUT a resource."""
        return self.send("PUT", path, resource, headers=headers)

    def delete(self, path: str, **headers: str) -> Answer:
        """DELETE a resource."""
        return self.send("DELETE", path, headers=headers)

    def made(self, resource: dict[str, Any]) -> dict[str, Any]:
        """Create a resource and return it as stored."""
        answer = self.post(f"/{resource['resourceType']}", resource)
        assert answer.status == 201, (answer.status, answer.body[:500])
        stored: dict[str, Any] = answer.json
        return stored

    def transaction(self, *entries: dict[str, Any]) -> Answer:
        """POST a transaction of these entries."""
        return self.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})

    def send(
        self,
        method: str,
        path: str,
        content: Any = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request below /fhir; header names are written with underscores."""
        told = {"Host": f"127.0.0.1:{self.port}", "Accept": "application/fhir+json"}
        if self.token is not None:
            told["Authorization"] = f"Bearer {self.token}"
        data = _bytes(content)
        if content is not None:
            told["Content-Type"] = "application/fhir+json"
        if data or method in ("POST", "PUT"):
            told["Content-Length"] = str(len(data))
        told |= {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        lines = [f"{method} /fhir{path} HTTP/1.1", *(f"{n}: {v}" for n, v in told.items())]
        head = "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")
        return self.exchange(head + data, method)

    def exchange(self, request: bytes, method: str = "GET") -> Answer:
        """Send these bytes and read one answer; a kept connection that was closed is renewed."""
        fresh = self._socket is None
        began = time.monotonic()
        try:
            return self._exchange(request, method, began)
        except (ConnectionError, http.client.HTTPException):
            self.close()
            if fresh or not self.resends:
                raise
            return self._exchange(request, method, began)

    def _exchange(self, request: bytes, method: str, began: float) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), LIMIT_SECONDS)
        try:
            self._socket.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            if len(request) < 1_000_000:  # a refused large body: the answer may be there already
                raise
        answer = http.client.HTTPResponse(self._socket, method=method)
        answer.begin()
        body = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        if answer.will_close:
            self.close()
        return Answer(answer.status, headers, body, time.monotonic() - began)

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __del__(self) -> None:
        self.close()


def _bytes(content: Any) -> bytes:
    match content:
        case None:
            return b""
        case bytes():
            return content
        case str():
            return content.encode("utf-8", "surrogatepass")
    return json.dumps(content).encode()
