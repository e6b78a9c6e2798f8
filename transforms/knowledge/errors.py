"""What can go wrong with a whole index or test set; each message holds the next step."""


class IndexRefused(Exception):
    """The folder is not what its manifest says. Nothing of it has been used."""


class NotBeir(Exception):
    """The folder does not hold a test set in the BEIR layout; the message says where and what."""
