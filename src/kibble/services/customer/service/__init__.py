"""Customer's use cases: accounts, and what proves who somebody is."""

from kibble.services.customer.service.accounts import CustomerService, Edit, Export
from kibble.services.customer.service.credentials import CredentialService

__all__ = ["CredentialService", "CustomerService", "Edit", "Export"]
