"""Plan: the Integrity Plan and integrity strategies: risks, actions, owners, progress, evidence."""
