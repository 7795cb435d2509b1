"""Which language and which theme a reader sees."""

from flask import request

from shared.web.cookies import chosen
from shared.web.request import current_instance

LANGUAGES = {"zh": "中文", "en": "English"}
THEMES = ("auto", "light", "dark")


def choose_language() -> str:
    """The reader's choice, else (for programs) Accept-Language, else Chinese."""
    from shared.web.errors import wants_json

    language = chosen(current_instance().settings, "language")
    if language in LANGUAGES:
        return language
    if wants_json():
        return request.accept_languages.best_match(list(LANGUAGES), "zh") or "zh"
    return "zh"


def choose_theme() -> str:
    """The reader's choice, else what their system says."""
    theme = chosen(current_instance().settings, "theme")
    return theme if theme in THEMES else "auto"
