"""The business errors of Customer."""

from __future__ import annotations

from kibble.kernel.errors import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidInput,
    KibbleError,
    NotFound,
    TooManyRequests,
    Unauthenticated,
)


class CustomerNotFound(NotFound):
    """No customer has this id."""

    code = "customer-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such customer.")


class UsernameTaken(Conflict):
    """Another account has the username; case does not tell two usernames apart."""

    code = "username-taken"

    def __init__(self, username: str) -> None:
        super().__init__(
            "This username is taken; please choose another.", details={"username": username}
        )


class PasswordRefused(InvalidInput):
    """The password is too easy to guess."""

    code = "password-refused"

    def __init__(self, detail: str) -> None:
        super().__init__([FieldError("/password", detail)])


class TokenRefused(InvalidInput):
    """The one-time token is unknown, used, replaced or expired; which of them is not told."""

    code = "token-refused"

    def __init__(self) -> None:
        super().__init__([FieldError("/token", "is unknown, used or expired; ask for a new one")])


class WrongCredentials(Unauthenticated):
    """No account has this name and this password; which of them is wrong is not told."""

    code = "wrong-credentials"

    def __init__(self) -> None:
        super().__init__("The name or the password is wrong.")


class SecondFactorRequired(Unauthenticated):
    """The password is right, and a code is needed as well, or the code that was given is wrong."""

    code = "second-factor-required"

    def __init__(self, *, given: bool) -> None:
        detail = "This code is wrong or used." if given else "A code is needed as well."
        super().__init__(detail, details={"codeRefused": given})


class PasskeyRefused(Unauthenticated):
    """No account has this passkey, or it did not sign what it was asked to; which is not told."""

    code = "passkey-refused"

    def __init__(self) -> None:
        super().__init__("This passkey does not open an account here, or it took too long.")


class PasskeyNotFound(NotFound):
    """The account has no such passkey."""

    code = "passkey-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such passkey.")


class TooManyPasskeys(Conflict):
    """The account has as many passkeys as it can."""

    code = "too-many-passkeys"

    def __init__(self) -> None:
        super().__init__("There are enough passkeys; remove one first.")


class TooManyTries(TooManyRequests):
    """Too many passwords were tried; ``retry_after`` says when the next one is taken."""

    code = "too-many-tries"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "Too many tries to sign in; please wait, or ask for a new password.",
            retry_after=retry_after,
        )


class SessionEnded(Unauthenticated):
    """There is no such session any more."""

    code = "session-ended"

    def __init__(self) -> None:
        super().__init__("The session has ended; please sign in again.")


class TokenReused(Unauthenticated):
    """A refresh token came back after another had taken its place: somebody has a copy of it."""

    code = "session-ended"

    def __init__(self) -> None:
        super().__init__("The session has ended; please sign in again.")


class StaffNotFound(NotFound):
    """No member of staff has this id."""

    code = "staff-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such member of staff.")


class SessionNotFound(NotFound):
    """The account has no such session (any more)."""

    code = "session-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such session.")


class ErasureNotFound(NotFound):
    """Nobody of this id was erased."""

    code = "erasure-not-found"

    def __init__(self) -> None:
        super().__init__("Nobody of this id was erased.")


class AccountNotFound(NotFound):
    """Nobody, neither a customer nor a member of staff, has this id."""

    code = "account-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such account.")


class ReauthenticationRequired(Forbidden):
    """What was asked for needs a proof of who is calling that is a few minutes old at most."""

    code = "reauthentication-required"

    def __init__(self) -> None:
        super().__init__("Please enter your password again; it has been a while.")


class ClientNotFound(NotFound):
    """No client of the authorization server has this id."""

    code = "client-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such client.")


class OAuthError(KibbleError):
    """A request to the authorization server that cannot be granted, in OAuth's own words.

    ``error`` is one of the codes of RFC 6749 (sections 4.1.2.1 and 5.2) or OpenID Connect.
    """

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message, code=error)
        self.error = error


class InvalidClient(KibbleError):
    """The client is not known, did not show its secret, or names an address that is not its."""

    code = "invalid_client"
    error = "invalid_client"

    def __init__(self) -> None:
        super().__init__("The application that sent you here is not known to this shop.")
