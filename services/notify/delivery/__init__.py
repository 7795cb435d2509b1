"""M24: e-mail that says only that there is news; what it is stays inside, behind the sign-in."""
