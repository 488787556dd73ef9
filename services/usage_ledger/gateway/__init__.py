"""The gateway's side of the HTTP door: reads usage from files and sends it until every item has a definite answer."""
