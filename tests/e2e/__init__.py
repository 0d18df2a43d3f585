"""The journeys, in a running shop of each profile."""
