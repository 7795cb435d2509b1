"""What a service tells the machines that watch it: figures for Prometheus, spans for OpenTelemetry.

Counts, codes and seconds; no label or attribute names a petition, a post or a person.
"""
