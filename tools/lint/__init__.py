"""Rules that no other tool knows; each has a name, a reason, and tests that see it fail.

=============  ===================================================================================
clock          time, ids, randomness and sleep come in from outside, or nothing could be simulated
money          an amount is never a float, or cents get lost
commit         use cases and models return their changes; only their caller commits
broad-except   only the edges may catch everything, or bugs would pass for expected errors
secret-log     a log line holds no password, token or key
migrations     migrations are numbered 0001, 0002, ... without a gap
suppression    every ``allow`` comment names a rule that would report here, and gives a reason
=============  ===================================================================================

An exception is written on the line that it is for: ``# allow(clock): the reason``.
"""
