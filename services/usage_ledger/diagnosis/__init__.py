"""What is missing, unreachable or unsafe in a set-up, and how to mend it. It reads and never writes."""
