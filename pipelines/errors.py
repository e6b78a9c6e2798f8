"""Our exceptions, one small tree.

MedgrainError           exit 1
├── UsageError          exit 2: a wrong recipe, declaration or command line; lists every fault at once
├── StoppedError        exit 1: a model server answers in a way that no further call can mend
└── BusyError           exit 1: another build holds this output folder
Bad *rows* are not here: they are `schemas.reject.Fault`, and end as rejects.
"""


class MedgrainError(Exception):
    """Something the person at the command line has to know. The message holds the next step."""

    exit_code = 1


class UsageError(MedgrainError):
    """A wrong recipe, declaration or argument: nothing has been done yet."""

    exit_code = 2


class BusyError(MedgrainError):
    """Another process builds into the same folder."""


class StoppedError(MedgrainError):
    """A model server refuses us, is another than before, or stays down; finished work is kept."""
