"""How events travel: outbox -> relay -> RabbitMQ (or memory) -> consumer -> inbox -> work loop.

The bus carries, it never holds the truth: what it loses, catch-up fetches from the producer's outbox.
"""
