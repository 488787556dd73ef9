"""What an account ever spent: a question to ``views.usage_summary`` and ``views.account_entries``."""
