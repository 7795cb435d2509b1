"""M22, M26: the monthly bulletin (月通报): an official document, made once from the summary."""
