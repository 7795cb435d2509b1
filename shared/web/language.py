"""Which language and which theme a reader sees."""

from flask import request, session

LANGUAGES = {"zh": "中文", "en": "English"}
THEMES = ("auto", "light", "dark")


def choose_language() -> str:
    """The reader's choice, else (for programs) Accept-Language, else Chinese."""
    from shared.web.errors import wants_json

    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    if wants_json():
        return request.accept_languages.best_match(list(LANGUAGES), "zh") or "zh"
    return "zh"


def choose_theme() -> str:
    """The reader's choice, else what their system says."""
    chosen = session.get("theme")
    return str(chosen) if chosen in THEMES else "auto"
