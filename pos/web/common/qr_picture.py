"""QR codes as pictures, for browsers."""

from __future__ import annotations

from io import BytesIO

from flask import Response


def qr_picture(link: str) -> Response:
    """The QR code of a link: dark on white in every theme, for cameras."""
    # Few requests draw one, so what does is not loaded at every start.
    from invoices.code_image import code_of

    picture = BytesIO()
    code_of(link).save(picture, kind="svg", light="#fff", omitsize=True)
    return Response(picture.getvalue(), mimetype="image/svg+xml")
