"""The demo: sample municipality, its families and three months of history."""
