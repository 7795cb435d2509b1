"""Who may read the figures: whoever shows METRICS_TOKEN; nobody where it is not set."""

import hmac

from shared.runtime.settings import Settings


def may_read(settings: Settings, authorization: str) -> bool:
    """Whether an `Authorization` header carries the token."""
    if not settings.metrics_token:
        return False
    wanted = f"Bearer {settings.metrics_token}"
    return hmac.compare_digest(authorization.encode("utf-8", "replace"), wanted.encode())
