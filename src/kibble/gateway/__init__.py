"""The edge: what every request passes before it reaches a service, and the pages of the shop itself."""
