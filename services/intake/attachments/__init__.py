"""M1: files that come with a petition. The original is sealed; of pictures people work on a clean copy."""
