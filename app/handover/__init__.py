"""The weekly way between the two databases: slips there, audit entries back."""
