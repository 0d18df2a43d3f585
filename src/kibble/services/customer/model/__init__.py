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
from kibble.services.customer.model.token import OneTimeToken, Purpose, digest_of, new_secret

__all__ = [
    "EMAIL_PATTERN",
    "MAX_EMAIL",
    "MAX_PASSWORD",
    "MIN_PASSWORD",
    "NOT_PERSONAL",
    "OWNERS_EXAMPLE",
    "PHONE_PATTERN",
    "USERNAME_PATTERN",
    "Address",
    "Customer",
    "HeldUsername",
    "OneTimeToken",
    "PasswordPolicy",
    "Pet",
    "Phone",
    "Preferences",
    "Profile",
    "Purpose",
    "digest_of",
    "fold",
    "new_secret",
]
