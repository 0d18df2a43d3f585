"""Customer's use cases: accounts, what proves who somebody is, and their sessions."""

from kibble.services.customer.service.access import AccessPolicy
from kibble.services.customer.service.accounts import CustomerService, Edit, Export
from kibble.services.customer.service.clients import ClientService, Registered
from kibble.services.customer.service.credentials import CredentialService
from kibble.services.customer.service.erasures import ErasureService
from kibble.services.customer.service.factors import FactorService, NewAuthenticator
from kibble.services.customer.service.identities import Identities, Identity
from kibble.services.customer.service.oauth import RIGHTS, Issued, OAuthService, Wanted
from kibble.services.customer.service.passkeys import Added, NewPasskey, PasskeyService
from kibble.services.customer.service.sessions import SessionService
from kibble.services.customer.service.signing_in import SignInService
from kibble.services.customer.service.staff import Hired, StaffService

__all__ = [
    "RIGHTS",
    "AccessPolicy",
    "Added",
    "ClientService",
    "CredentialService",
    "CustomerService",
    "Edit",
    "ErasureService",
    "Export",
    "FactorService",
    "Hired",
    "Identities",
    "Identity",
    "Issued",
    "NewAuthenticator",
    "NewPasskey",
    "OAuthService",
    "PasskeyService",
    "Registered",
    "SessionService",
    "SignInService",
    "StaffService",
    "Wanted",
]
