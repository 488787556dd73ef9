"""What tests of the HTTP door are made of: a running door, a client that checks the document, a projector."""
