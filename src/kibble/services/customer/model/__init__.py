"""Customer's model: the account, its rules for names and passwords, and one-time tokens."""

from kibble.services.customer.model.client import (
    ACCOUNT_READ,
    ACCOUNT_WRITE,
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    CODE_LIFE,
    DELEGATED,
    EMAIL,
    OPENID,
    PROFILE,
    REFRESH_TOKEN,
    Client,
    Grant,
    challenge_of,
    is_challenge,
)
from kibble.services.customer.model.customer import (
    NOT_PERSONAL,
    Address,
    Customer,
    HeldUsername,
    Pet,
    Preferences,
    Profile,
)
from kibble.services.customer.model.erasure import Counts, Erasure, Part
from kibble.services.customer.model.factors import (
    Factors,
    new_recovery_codes,
    new_totp_secret,
    provisioning_uri,
    totp,
)
from kibble.services.customer.model.identity import (
    PHONE_PATTERN,
    USERNAME_PATTERN,
    Phone,
    fold,
)
from kibble.services.customer.model.passkeys import (
    MAX_PASSKEYS,
    Ceremony,
    Enrolled,
    Enrolment,
    Passkey,
)
from kibble.services.customer.model.password import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    OWNERS_EXAMPLE,
    PasswordPolicy,
)
from kibble.services.customer.model.session import CUSTOMERS as CUSTOMERS_LIFETIME
from kibble.services.customer.model.session import STAFF as STAFF_LIFETIME
from kibble.services.customer.model.session import (
    Lifetime,
    Revocation,
    Session,
    read_refresh_token,
)
from kibble.services.customer.model.staff import StaffMember
from kibble.services.customer.model.throttle import WINDOW_SECONDS, Tried, account_key
from kibble.services.customer.model.token import OneTimeToken, Purpose, digest_of, new_secret

__all__ = [
    "ACCOUNT_READ",
    "ACCOUNT_WRITE",
    "AUTHORIZATION_CODE",
    "CLIENT_CREDENTIALS",
    "CODE_LIFE",
    "CUSTOMERS_LIFETIME",
    "DELEGATED",
    "EMAIL",
    "MAX_PASSKEYS",
    "MAX_PASSWORD",
    "MIN_PASSWORD",
    "NOT_PERSONAL",
    "OPENID",
    "OWNERS_EXAMPLE",
    "PHONE_PATTERN",
    "PROFILE",
    "REFRESH_TOKEN",
    "STAFF_LIFETIME",
    "USERNAME_PATTERN",
    "WINDOW_SECONDS",
    "Address",
    "Ceremony",
    "Client",
    "Counts",
    "Customer",
    "Enrolled",
    "Enrolment",
    "Erasure",
    "Factors",
    "Grant",
    "HeldUsername",
    "Lifetime",
    "OneTimeToken",
    "Part",
    "Passkey",
    "PasswordPolicy",
    "Pet",
    "Phone",
    "Preferences",
    "Profile",
    "Purpose",
    "Revocation",
    "Session",
    "StaffMember",
    "Tried",
    "account_key",
    "challenge_of",
    "digest_of",
    "fold",
    "is_challenge",
    "new_recovery_codes",
    "new_secret",
    "new_totp_secret",
    "provisioning_uri",
    "read_refresh_token",
    "totp",
]
