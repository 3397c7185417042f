"""On the `PYTHONPATH` of every Lambda worker; holds one module, which imports nothing but the standard library."""
