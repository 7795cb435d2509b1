"""M1, M14: the public portal: submit, look up by query code, rate. Nobody signs in, no address is kept."""
