"""Who the petitioners are: one table behind one module, nowhere else in Huajie.

Only store.py touches the table. Every look and every refusal is on the access log.
"""
