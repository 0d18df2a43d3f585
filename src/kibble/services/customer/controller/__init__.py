"""Customer over HTTP."""

from kibble.services.customer.controller.customers import CustomerController, routes
from kibble.services.customer.controller.staff import StaffController
from kibble.services.customer.controller.staff import routes as staff_routes

__all__ = ["CustomerController", "StaffController", "routes", "staff_routes"]
