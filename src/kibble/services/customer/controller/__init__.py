"""Customer over HTTP."""

from kibble.services.customer.controller.customers import CustomerController, routes
from kibble.services.customer.controller.erasures import ErasureController, erasure_routes
from kibble.services.customer.controller.oauth import (
    ClientController,
    OAuthController,
    client_routes,
    oauth_routes,
)
from kibble.services.customer.controller.passkeys import PasskeyController, passkey_routes
from kibble.services.customer.controller.security import SecurityController, security_routes
from kibble.services.customer.controller.staff import StaffController
from kibble.services.customer.controller.staff import routes as staff_routes

__all__ = [
    "ClientController",
    "CustomerController",
    "ErasureController",
    "OAuthController",
    "PasskeyController",
    "SecurityController",
    "StaffController",
    "client_routes",
    "erasure_routes",
    "oauth_routes",
    "passkey_routes",
    "routes",
    "security_routes",
    "staff_routes",
]
