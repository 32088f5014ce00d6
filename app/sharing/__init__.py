"""What leaves a desk: exports sealed to a named recipient, and redacted versions of a case."""
