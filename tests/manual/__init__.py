"""The manual in ``docs/``: its pages run, its pictures and its reference made, its site built."""
