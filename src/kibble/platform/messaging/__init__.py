"""Events: the envelope, the bus port, outbox and inbox, retry and parking."""
