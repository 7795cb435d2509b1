"""The base of supervision's own tables."""

from sqlalchemy.orm import DeclarativeBase

from shared.db.base import TYPES, new_metadata


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = TYPES
