"""Who is signed in, what their role may do, and what a recusal hides from them; decided in one place."""
