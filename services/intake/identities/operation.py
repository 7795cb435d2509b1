"""Intake's part of the operator's page: master keys, erasure and the virus scanner; counts and no matter."""

from flask import render_template
from sqlalchemy import func, select

from services.intake.attachments.models import Attachment
from services.intake.attachments.rules import Scan
from services.intake.identities import rotation
from shared.errors import SettingError
from shared.web.request import current_instance, current_session


def operation_part() -> str:
    """How the keys and the scanner are."""
    instance, session = current_instance(), current_session()
    try:
        rotation.verify(session, instance.master_keys)
        fault, left = None, rotation.count_left(session, instance.master_keys.ids[0])
    except SettingError:  # its text names files: it belongs to `huajie check`
        fault, left = True, 0
    of_state = select(Attachment.scan, func.count().label("files")).where(Attachment.scan != Scan.CLEAN)
    counts = {row.scan: row.files for row in session.execute(of_state.group_by(Attachment.scan))}
    return render_template(
        "intake/operation.html",
        master_fault=fault,
        left=left,
        has_scanner=instance.settings.scanner_url is not None,
        counts=counts,
        kept_days=instance.settings.identities_kept_days,
    )
