"""Rules on plain values: no Flask, no SQL, no clock, no input or output."""
