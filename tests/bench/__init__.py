"""The bench: each figure beside a rival that is built and run in the same run, and the floor nobody gets below.

`python -m bench`, or `make bench`, measures and writes `docs/bench`: a JSON file a subject, the charts, and one page.

    figures    the words: a line is a rival, ours, the floor; a chart is some series
    subjects/  one file a subject, each with TITLE, ABOUT and `measure`
    rivals/    what others write by hand
    children/  programs whose start, time or calls are measured
    pairs      timing: every contestant once a round, then medians
    paper      the page and its charts, made of the JSON files alone

No test asserts a time. Counts do not depend on the machine, so a test compares them with the page.
"""
