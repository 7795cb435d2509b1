"""M14: closing checked at two levels, the reply, the rating, and handling again by others."""
