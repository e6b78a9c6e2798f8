"""Fault: why an answer of a model cannot be used. Bad answers are data, so it always ends as a reject."""


class Fault(Exception):
    """`reason` is a code of schemas.reasons; `detail` says where, in words that may go into a log."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
