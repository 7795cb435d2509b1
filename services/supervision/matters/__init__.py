"""What supervision knows of a petition: facts by code, out of which its clocks follow."""
