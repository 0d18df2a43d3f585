"""Customer's use cases: accounts, what proves who somebody is, and their sessions."""

from kibble.services.customer.service.access import AccessPolicy
from kibble.services.customer.service.accounts import CustomerService, Edit, Export
from kibble.services.customer.service.credentials import CredentialService
from kibble.services.customer.service.identities import Identities, Identity
from kibble.services.customer.service.sessions import SessionService
from kibble.services.customer.service.signing_in import SignInService
from kibble.services.customer.service.staff import Hired, StaffService

__all__ = [
    "AccessPolicy",
    "CredentialService",
    "CustomerService",
    "Edit",
    "Export",
    "Hired",
    "Identities",
    "Identity",
    "SessionService",
    "SignInService",
    "StaffService",
]
