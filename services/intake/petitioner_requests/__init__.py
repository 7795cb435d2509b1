"""M1: what a petitioner asks for by the query code: objection, review, consent withdrawn, retaliation."""
