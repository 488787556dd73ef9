"""Auto top-up (L6): ``views.topup_terms`` and ``views.topups``."""

from usage_ledger_views.topups.apply import APPLIERS, TopupChanges
from usage_ledger_views.topups.write import write
from usage_ledger_views.view import View

TOPUPS = View("topups", TopupChanges, APPLIERS, write)
"""How credit is bought by itself, and what became of each attempt to."""
