"""The picture an authenticator app scans, drawn as SVG on the page itself."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe

from joinedup.signin.totp import app_link

__all__ = ["app_picture"]


def app_picture(secret: bytes, name: str) -> SafeString:
    """Return the QR code of an authenticator app's secret."""
    drawn = io.BytesIO()
    segno.make_qr(app_link(secret, name), error="m").save(
        drawn, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, light="#ffffff",
        svgclass="ju-qr", lineclass=None, title="Picture for an authenticator app", omitsize=False,
    )  # fmt: skip
    return mark_safe(drawn.getvalue().decode())  # noqa: S308  # drawn by us from our own letters
