"""How far the read model has got: events applied, the last word of each producer, failed messages."""
