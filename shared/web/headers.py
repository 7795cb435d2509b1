"""What every answer tells the browser: run nothing foreign, be in nobody's frame, keep and pass on nothing.

Pages send their address (a petition's id, search words) as Referer to nobody but this host, which keeps no
log of it; CSRF protection and the resuming of an expired form need it there.
"""

from collections.abc import MutableMapping

from werkzeug.datastructures import Headers

POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FEATURES = [
    *("accelerometer", "autoplay", "bluetooth", "camera", "display-capture", "geolocation", "gyroscope"),
    *("hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking"),
]
DOWNLOADED = "sandbox; default-src 'none'"  # a browser that opens it all the same gives it no right
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
A_YEAR = 365 * 24 * 3600


def protect(headers: MutableMapping[str, str] | Headers, *, https: bool = False) -> None:
    """Add to an answer's headers what it does not say itself. `https`: it is reached by HTTPS only."""
    if headers.get("Content-Disposition", "").startswith("attachment"):
        headers.setdefault("Content-Security-Policy", DOWNLOADED)
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    if https:
        headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR}")
