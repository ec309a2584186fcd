"""What is kept so that it is not made twice (decision 6).

A tier is anything with a name, `get` and `put`; it never raises for what the
tier is made of, and what it returns is what was put, or nothing.
"""
