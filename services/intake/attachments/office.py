"""Cleaned copies of Word and Excel files, packed anew: what is written stays, who wrote it and when does not.

Gone are the properties with their authors and dates, the authors of comments and changes, what cameras noted
in the pictures, and every link by which the file would fetch something by itself (ECMA-376).
"""

import io
import re
import zipfile

from lxml import etree

from services.intake.attachments.jpeg import without_notes
from services.intake.attachments.pictures import clean_copy
from services.intake.attachments.rules import DAMAGED, Kind
from shared.errors import Invalid

_PROPERTIES = re.compile(r"docProps/|customXml/|word/people\.xml$|xl/persons/", re.IGNORECASE)
_TELLING = {"author", "initials", "lastModifiedBy", "userName", "date", "dateUtc"}
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_HYPERLINK = "/hyperlink"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def clean_office(data: bytes, place: int) -> bytes:
    """A Word or Excel file without its properties and authors. Raises Invalid naming the file's place."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w") as made:
            for name in given.namelist():
                if not _PROPERTIES.match(name):
                    part = zipfile.ZipInfo(name, _EPOCH)  # when each part was written tells something, too
                    made.writestr(part, _cleaned(name, given.read(name), place), zipfile.ZIP_DEFLATED)
    except Invalid:
        raise
    except Exception:  # of many classes, and it may quote the file
        raise Invalid(DAMAGED, field="files", place=place) from None
    return out.getvalue()


def _cleaned(name: str, data: bytes, place: int) -> bytes:
    ending = name.rpartition(".")[2].lower()
    if ending in ("jpg", "jpeg"):
        return without_notes(data)
    if ending == "png":
        return clean_copy(data, Kind.PNG, place)[0]
    if ending not in ("xml", "rels", "vml") or not data.strip():
        return data
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype:
        raise ValueError("a document type has no place here")
    if ending == "rels":
        _clean_relationships(root)
    elif name == "[Content_Types].xml":
        for entry in [e for e in root if _PROPERTIES.match(e.get("PartName", "").lstrip("/"))]:
            root.remove(entry)
    else:
        _clean_authors(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _clean_relationships(root: etree._Element) -> None:
    for link in list(root.iter(_RELATIONSHIP)):
        target = link.get("Target", "")
        if _PROPERTIES.match(target.replace("../", "").lstrip("/")) or target.endswith("people.xml"):
            root.remove(link)
        elif link.get("TargetMode") == "External" and not link.get("Type", "").endswith(_HYPERLINK):
            link.set("Target", "about:blank")  # a template or a picture that it would fetch when it is opened


def _clean_authors(root: etree._Element) -> None:
    for element in root.iter(etree.Element):
        for key in list(element.attrib):
            if etree.QName(key).localname in _TELLING and etree.QName(key).namespace:
                element.set(key, "")
        if etree.QName(element).localname == "author" and element.text:
            element.text = ""
