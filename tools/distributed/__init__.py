"""A distributed shop on one machine: a process a replica, HAProxy in front, the engines below."""
