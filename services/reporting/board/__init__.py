"""M26: what the leadership reads: how the petitions stand, by township, leader, class and month."""
