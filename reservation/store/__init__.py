"""Floor 2: tables and the session."""
