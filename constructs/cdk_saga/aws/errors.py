"""The error of constructs that cannot work together."""


class WiringError(ValueError):
    """A saga and its environment do not fit; the text names the saga, what is wrong, and the cure."""
