"""What each member of a tenant used: a question to ``views.usage_summary``, which has a row for each user (U14)."""
