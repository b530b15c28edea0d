"""The storm: the real application under a crowd, while it is killed (docs/reliability.md)."""
