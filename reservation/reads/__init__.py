"""Questions: one function per page, frozen answers, nothing written."""
