"""What a simulation does not know: reported to its caller, and never taken for a handler's mistake."""


class Unsimulated(BaseException):
    """A handler asked for something that is not simulated; no ``except Exception`` of it may take that for an answer.

    The run ends with it; the text says what, and what to do.
    """
