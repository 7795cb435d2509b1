"""Official documents (公文) as Word files in the layout of GB/T 9704—2012: ordinary and letter format.

Fonts are only named, never shipped. A file has no macro, no link to the outside and nobody's name in its
properties, and the same content always gives the same bytes.
"""

from shared.documents.letter import Letter
from shared.documents.ordinary import OrdinaryDocument

__all__ = ["Letter", "OrdinaryDocument"]
