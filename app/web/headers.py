"""Response headers: the same for every page, and none of them depends on the request."""

from flask import Flask, Response

# The page template of GOV.UK Frontend has one inline script; a hash instead of a nonce
# keeps pages byte-identical (docs/adr/0004-a-hash-not-a-nonce.md).
INLINE_SCRIPT = "sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw="

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    f"script-src 'self' '{INLINE_SCRIPT}'; "
    "style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture",
        "encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection",
        "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
        "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


# Whatever a browser makes of a stranger's bytes, it runs nothing of them and they fetch nothing.
SANDBOX = "sandbox; default-src 'none'"


def in_sandbox(answer: Response) -> Response:
    """Return an answer that is bytes of a stranger's, and nothing a browser runs."""
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to be saved and not shown; `name` is of ours."""
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return in_sandbox(answer)


def install(flask_app: Flask, *, over_tls: bool) -> None:
    """Send the same headers with every response; a view may tighten its own policy."""

    def secure(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if over_tls:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        return response

    flask_app.after_request(secure)
