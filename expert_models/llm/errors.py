"""What ends more than one row: a server that no further call can mend, and a model not yet asked."""


class EndpointStopped(Exception):
    """No further call to this server can be right; the build stops and resumes later.

    The message says where, what was found, what was expected, and the next step. It never holds the
    API key, words of a request, or words of an answer.
    """


class Unanswered(Exception):
    """The request waits for an in-process model, which answers in bulk. The key is the argument."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
