"""The one exception that stands for wrong input from outside."""

__all__ = ["InputError"]


class InputError(ValueError):
    """Input that a person can correct: one line that names the input and the remedy.

    The command line prints the line and exits with status 2; any other exception is a defect of ours.
    """
