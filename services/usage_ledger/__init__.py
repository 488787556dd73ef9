"""The write side: decides, appends, publishes. It reads no view."""
