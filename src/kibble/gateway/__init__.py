"""The edge: what every request passes before a service, and the gateway's own pages."""
