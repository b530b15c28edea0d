"""The marker for sentences of the domain that are translated where they are shown."""


def N_(sentence: str) -> str:
    """Mark a Japanese sentence for the catalogues and return it unchanged.

    Message extraction looks for this name.
    """
    return sentence
