"""The local environment as people play with it: the local AWS, the external providers, and what breaks on purpose.

All of it stands outside of what is deployed: handlers, bundles and templates know nothing of it.
"""
