"""What is due in a case and by when: a projection of supervision's clocks, by which lists are sorted."""
