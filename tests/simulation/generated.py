"""Shapes of sagas for Hypothesis; see `shapes` for how to read them."""

from typing import Final

from hypothesis import strategies as st

codes: Final = st.sampled_from(["T", "X", "T°", "X°", "T?", "X?", "T°?"])
sequences: Final = st.lists(codes, min_size=1, max_size=6).map("".join)
groups: Final = st.builds(
    "{}({}|{}){}".format,
    st.sampled_from(["", "T", "X", "T!", "X?"]),
    st.lists(codes, min_size=1, max_size=2).map("".join),
    codes,
    st.sampled_from(["", "T", "X°", "T?"]),
)
shapes: Final = st.builds("{}{}".format, sequences | groups, st.sampled_from(["", "", "~"]))
