"""`python -m chaos.sabotaged GUARD COMMAND …`: a process of ours without one of its guards."""

import sys

from chaos.sabotage import GUARDS, OFF
from usage_ledger.entrypoints.cli import main

if __name__ == "__main__":
    guard, *arguments = sys.argv[1:]
    GUARDS[guard].disarm()
    print(OFF + guard, file=sys.stderr, flush=True)
    sys.argv = ["usage-ledger", *arguments]
    main()
