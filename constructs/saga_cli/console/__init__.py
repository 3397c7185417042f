"""Sagas in a browser, on this machine only, and the same page as a file.

HTML from the server and one style sheet; the few lines of script only look again while a saga runs. Needs
the extra ``cdk-saga[console]``.
"""
