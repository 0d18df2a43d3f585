"""The business errors of Customer."""

from __future__ import annotations

from kibble.kernel.errors import Conflict, FieldError, InvalidInput, NotFound


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
