"""Who is concerned with a petition: the units in charge of its case, and where each unit is reached."""
