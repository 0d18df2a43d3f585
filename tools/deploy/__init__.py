"""Everything in ``deploy/``, checked by the programs that would run it."""
