"""Approval: what one person may not do alone, one proposes and another approves."""
