"""Usage that is kept raw until it is booked or given up by name (U5): ``views.quarantine``."""

from usage_ledger_views.quarantine.apply import APPLIERS, QuarantineChanges
from usage_ledger_views.quarantine.write import write
from usage_ledger_views.view import View

QUARANTINE: View[QuarantineChanges] = View("quarantine", QuarantineChanges, APPLIERS, write)
