"""Customer's model: the account, its rules for names and passwords, and one-time tokens."""

from kibble.services.customer.model.customer import (
    NOT_PERSONAL,
    Address,
    Customer,
    HeldUsername,
    Pet,
    Preferences,
    Profile,
)
from kibble.services.customer.model.identity import (
    EMAIL_PATTERN,
    MAX_EMAIL,
    PHONE_PATTERN,
    USERNAME_PATTERN,
    Phone,
    fold,
)
from kibble.services.customer.model.password import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    OWNERS_EXAMPLE,
    PasswordPolicy,
)
from kibble.services.customer.model.session import (
    BROWSER,
    Lifetime,
    Revocation,
    Session,
    read_refresh_token,
)
from kibble.services.customer.model.session import CUSTOMERS as CUSTOMERS_LIFETIME
from kibble.services.customer.model.session import STAFF as STAFF_LIFETIME
from kibble.services.customer.model.staff import StaffMember
from kibble.services.customer.model.throttle import Throttle, Tried
from kibble.services.customer.model.token import OneTimeToken, Purpose, digest_of, new_secret

__all__ = [
    "BROWSER",
    "CUSTOMERS_LIFETIME",
    "EMAIL_PATTERN",
    "MAX_EMAIL",
    "MAX_PASSWORD",
    "MIN_PASSWORD",
    "NOT_PERSONAL",
    "OWNERS_EXAMPLE",
    "PHONE_PATTERN",
    "STAFF_LIFETIME",
    "USERNAME_PATTERN",
    "Address",
    "Customer",
    "HeldUsername",
    "Lifetime",
    "OneTimeToken",
    "PasswordPolicy",
    "Pet",
    "Phone",
    "Preferences",
    "Profile",
    "Purpose",
    "Revocation",
    "Session",
    "StaffMember",
    "Throttle",
    "Tried",
    "digest_of",
    "fold",
    "new_secret",
    "read_refresh_token",
]
