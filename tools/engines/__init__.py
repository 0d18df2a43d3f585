"""The servers of the distributed profile, as real processes on this machine: no containers.

``python -m tools.engines up|down|status [NAME...]``, or ``make engines``, ``engines-down``,
``engines-status``. Every server listens on loopback only, with little memory. docs/engines.md tells
what each is for, and which of them are stand-ins.

=============  ===================================================================================
engine         one class per server: version, artifacts, settings, command, ready check, stop
artifacts      what a server is made of: jars (``maven``) or Debian packages (``debian``)
places         where the files go, and which port is whose
process        start, find again, stop: one process per server, known by its pid file
fleet          all of them: up, down, status, and the settings that ``kibble serve`` reads
=============  ===================================================================================

Standard library only: it runs before anything is installed.
"""
