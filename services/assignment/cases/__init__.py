"""M6, M8: a case is opened by the roster, recused from, handed over, read; its states and its history."""
