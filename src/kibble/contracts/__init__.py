"""What crosses a border between services: versioned events, and the types of their clients.

Amounts in events are integer minor units of ``currency``; times are RFC 3339 UTC.
"""
