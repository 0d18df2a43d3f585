"""Who may call what: every route of a running shop, tried by everybody.

A new route without a row fails. A cell is the status that the caller gets; ``[]`` is 200 with
nothing in it. *owner* is the customer whose things the path names, *other* another customer,
*staff* has the scope of the last column and no other, *wrong* has every other scope.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from kibble.platform.clock import SystemClock
from kibble.platform.security.keys import ALGORITHM, load_or_make_key
from kibble.platform.security.roles import ROLES
from kibble.platform.security.tokens import AUDIENCE, ISSUER, TokenIssuer
from tests.contracts.document import Document, Operation
from tests.contracts.stock import CHECKOUT, FEED, FORM, SALE, WEBHOOK, Shelf, fill, line, picture
from tests.fixtures.live import STAFF, Live
from tests.fixtures.process import TOKEN_LIFE, ShopProcess
from tests.fixtures.shopping import ADDRESS, Json, Shop, order

TABLE = """
                                                             nobody owner other staff wrong  scope
GET    /api/products                                         200    200   200   200   200    -
POST   /api/products                                         401    403   403   201   403    catalog:write
POST   /api/products/configurable                            401    403   403   201   403    catalog:write
POST   /api/products/bundles                                 401    403   403   201   403    catalog:write
GET    /api/products/search                                  200    200   200   200   200    -
GET    /api/products/search/facets                           200    200   200   200   200    -
GET    /api/products/search/suggest                          200    200   200   200   200    -
GET    /api/products/low-stock                               401    403   403   200   403    inventory:write
GET    /api/products/sales                                   401    403   403   200   403    catalog:write
GET    /api/products/{productId}                             200    200   200   200   200    -
PUT    /api/products/{productId}                             401    403   403   200   403    catalog:write
PATCH  /api/products/{productId}                             401    403   403   200   403    catalog:write
DELETE /api/products/{productId}                             401    403   403   204   403    catalog:write
GET    /api/products/{productId}/sale                        401    403   403   200   403    catalog:write
PUT    /api/products/{productId}/sale                        401    403   403   200   403    catalog:write
DELETE /api/products/{productId}/sale                        401    403   403   204   403    catalog:write
POST   /api/products/{productId}/images                      401    403   403   201   403    catalog:write
GET    /images/{name}                                        200    200   200   200   200    -
GET    /api/products/{productId}/reviews                     200    200   200   200   200    -
POST   /api/products/{productId}/reviews                     401    409   201   403   403    -
POST   /api/products/imports                                 401    403   403   202   403    catalog:write
GET    /api/products/imports/{importId}                      401    403   403   200   403    catalog:write
GET    /api/products/imports/{importId}/errors               401    403   403   200   403    catalog:write
GET    /api/categories                                       200    200   200   200   200    -
POST   /api/categories                                       401    403   403   201   403    catalog:write
GET    /api/categories/{categoryId}                          200    200   200   200   200    -
PUT    /api/categories/{categoryId}                          401    403   403   200   403    catalog:write
DELETE /api/categories/{categoryId}                          401    403   403   204   403    catalog:write
GET    /api/inventory/{productId}                            200    200   200   200   200    -
PUT    /api/inventory/{productId}                            401    403   403   200   403    inventory:write
POST   /api/inventory/{productId}/adjustments                401    403   403   201   403    inventory:write
GET    /api/inventory/{productId}/movements                  401    403   403   200   403    inventory:write
POST   /api/inventory/availability                           200    200   200   200   200    -
POST   /api/inventory/reservations                           401    403   403   201   403    inventory:reserve
DELETE /api/inventory/reservations/{orderId}                 401    403   403   204   403    inventory:reserve
GET    /api/inventory/warehouses                             200    200   200   200   200    -
POST   /api/inventory/warehouses                             401    403   403   201   403    inventory:write
GET    /api/inventory/warehouses/{warehouseId}               200    200   200   200   200    -
PUT    /api/inventory/warehouses/{warehouseId}               401    403   403   200   403    inventory:write
POST   /api/orders                                           401    201   403   201   403    orders:write
GET    /api/orders                                           401    200   403   200   403    orders:read
GET    /api/orders/{orderId}                                 401    200   404   200   403    orders:read
GET    /api/orders/sales                                     401    403   403   200   403    orders:read
POST   /api/orders/{orderId}/notes                           401    403   403   201   403    orders:write
PATCH  /api/orders/{orderId}                                 401    403   403   200   403    orders:write
GET    /api/orders/{orderId}/events                          401    200   404   200   403    orders:read
POST   /api/orders/{orderId}/cancel                          401    200   404   200   403    orders:write
POST   /api/orders/{orderId}/returns                         401    409   404   409   403    orders:write
POST   /api/carts                                            201    201   201   201   201    -
GET    /api/carts                                            401    200   []    []    []     -
GET    /api/carts/{cartId}                                   404    200   404   404   404    -
DELETE /api/carts/{cartId}                                   404    204   404   404   404    -
PUT    /api/carts/{cartId}/items/{productId}                 404    200   404   404   404    -
DELETE /api/carts/{cartId}/items/{productId}                 404    200   404   404   404    -
POST   /api/carts/{cartId}/merge                             401    200   404   403   403    -
POST   /api/carts/{cartId}/checkout                          404    201   404   404   404    -
GET    /api/subscriptions                                    401    200   403   200   403    orders:read
POST   /api/subscriptions                                    401    201   403   201   403    orders:write
POST   /api/subscriptions/prices                             200    200   200   200   200    -
GET    /api/subscriptions/{subscriptionId}                   401    200   404   200   403    orders:read
PATCH  /api/subscriptions/{subscriptionId}                   401    200   404   200   403    orders:write
DELETE /api/subscriptions/{subscriptionId}                   401    204   404   204   403    orders:write
POST   /api/subscriptions/{subscriptionId}/items             401    200   404   200   403    orders:write
POST   /api/subscriptions/{subscriptionId}/skip              401    200   404   200   403    orders:write
POST   /api/subscriptions/{subscriptionId}/order-now         401    200   404   200   403    orders:write
POST   /api/subscriptions/{subscriptionId}/swap              401    200   404   200   403    orders:write
POST   /api/subscriptions/{subscriptionId}/approve           401    409   404   409   403    orders:write
POST   /api/subscriptions/{subscriptionId}/pause             401    200   404   200   403    orders:write
POST   /api/subscriptions/{subscriptionId}/resume            401    409   404   409   403    orders:write
GET    /api/promotions                                       401    403   403   200   403    orders:read
POST   /api/promotions                                       401    403   403   201   403    catalog:write
GET    /api/promotions/offers                                200    200   200   200   200    -
GET    /api/promotions/{code}                                200    200   200   200   200    -
DELETE /api/promotions/{code}                                401    403   403   204   403    catalog:write
POST   /api/payments                                         401    409   404   409   403    payments:write
GET    /api/payments                                         401    200   404   200   403    payments:read
GET    /api/payments/{paymentId}                             401    200   404   200   403    payments:read
POST   /api/payments/methods                                 401    201   403   201   403    payments:write
GET    /api/payments/methods                                 401    200   403   200   403    payments:read
GET    /api/payments/methods/{methodId}                      401    200   404   200   403    payments:read
POST   /api/payments/methods/{methodId}/default              401    200   404   200   403    payments:write
DELETE /api/payments/methods/{methodId}                      401    204   404   204   403    payments:write
GET    /api/payments/methods/{methodId}/return               303    303   303   303   303    -
GET    /api/payments/sandbox/methods/{methodId}              404    404   404   404   404    -
GET    /api/payments/options                                 200    200   200   200   200    -
GET    /api/payments/{paymentId}/return                      303    303   303   303   303    -
GET    /api/payments/sandbox/{paymentId}                     404    404   404   404   404    -
POST   /api/payments/webhooks/stripe                         404    404   404   404   404    -
POST   /api/payments/webhooks/paypal                         404    404   404   404   404    -
POST   /api/payments/{paymentId}/refund                      401    403   403   201   403    payments:write
POST   /api/customers                                        201    201   201   201   201    -
GET    /api/customers                                        401    403   403   200   403    customers:read
GET    /api/customers/{customerId}                           401    200   403   200   403    customers:read
PUT    /api/customers/{customerId}                           401    200   403   200   403    customers:write
PATCH  /api/customers/{customerId}                           401    200   403   200   403    customers:write
DELETE /api/customers/{customerId}                           401    204   403   204   403    customers:write
GET    /api/customers/{customerId}/export                    401    200   403   200   403    customers:read
GET    /api/customers/{customerId}/export.csv                401    200   403   200   403    customers:read
GET    /api/customers/erasures                               401    403   403   200   403    customers:read
GET    /api/customers/{customerId}/erasure                   401    403   403   404   403    customers:read
POST   /api/customers/password-reset                         202    202   202   202   202    -
POST   /api/customers/verify-email                           202    202   202   202   202    -
GET    /api/recommendations/customers/{customerId}           401    200   403   200   403    customers:read
GET    /api/recommendations/products/{productId}             200    200   200   200   200    -
GET    /api/recommendations/trending                         200    200   200   200   200    -
GET    /api/staff                                            401    403   403   200   403    staff:admin
POST   /api/staff                                            401    403   403   201   403    staff:admin
GET    /api/staff/{staffId}                                  401    403   403   200   403    staff:admin
PATCH  /api/staff/{staffId}                                  401    403   403   200   403    staff:admin
PUT    /api/customers/{customerId}/password                  401    400   403   403   403    -
GET    /api/customers/{customerId}/factors                   401    200   403   403   403    -
POST   /api/customers/{customerId}/factors/totp              401    201   403   403   403    -
PUT    /api/customers/{customerId}/factors/totp              401    400   403   403   403    -
DELETE /api/customers/{customerId}/factors/totp              401    204   403   204   403    staff:admin
POST   /api/customers/{customerId}/factors/recovery-codes    401    200   403   403   403    -
POST   /api/customers/{customerId}/factors/passkeys/challenge 401   200   403   403   403    -
POST   /api/customers/{customerId}/factors/passkeys          401    400   403   403   403    -
PATCH  /api/customers/{customerId}/factors/passkeys/{passkeyId} 401 404   403   403   403    -
DELETE /api/customers/{customerId}/factors/passkeys/{passkeyId} 401 404   403   404   403    staff:admin
GET    /api/customers/{customerId}/sessions                  401    200   403   200   403    staff:admin
DELETE /api/customers/{customerId}/sessions                  401    204   403   204   403    staff:admin
DELETE /api/customers/{customerId}/sessions/{sessionId}      401    404   403   404   403    staff:admin
GET    /api/clients                                          401    403   403   200   403    clients:admin
POST   /api/clients                                          401    403   403   201   403    clients:admin
DELETE /api/clients/{clientId}                               401    403   403   404   403    clients:admin
GET    /oauth2/authorize                                     400    400   400   400   400    -
POST   /oauth2/consent                                       403    403   403   403   403    -
POST   /oauth2/token                                         401    401   401   401   401    -
POST   /oauth2/revoke                                        401    401   401   401   401    -
POST   /oauth2/introspect                                    401    401   401   401   401    -
GET    /oauth2/jwks                                          200    200   200   200   200    -
GET    /.well-known/openid-configuration                     200    200   200   200   200    -
GET    /.well-known/oauth-authorization-server               200    200   200   200   200    -
GET    /api/audit                                            401    403   403   200   403    audit:read
GET    /api/audit/verification                               401    403   403   200   403    audit:read
GET    /session                                              200    200   200   200   200    -
POST   /session                                              403    403   403   403   403    -
DELETE /session                                              403    403   403   403   403    -
POST   /session/renew                                        403    403   403   403   403    -
POST   /session/passkey/challenge                            403    403   403   403   403    -
POST   /session/passkey                                      403    403   403   403   403    -
POST   /session/token                                        403    403   403   403   403    -
POST   /api/recommendations/views                            401    202   202   403   403    -
POST   /api/shipping/rates                                   200    200   200   200   200    -
GET    /api/shipping/track/{trackingNumber}                  200    200   200   200   200    -
POST   /api/shipping/webhooks/ups                            400    400   400   400   400    -
POST   /api/shipping/webhooks/fedex                          400    400   400   400   400    -
GET    /api/shipping                                         401    200   []    200   403    shipping:write|orders:read
POST   /api/shipping                                         401    403   403   201   403    shipping:write
GET    /api/shipping/packing                                 401    403   403   200   403    shipping:write
PUT    /api/shipping/{shipmentId}/packing                    401    403   403   200   403    shipping:write
GET    /api/shipping/{shipmentId}                            401    200   404   200   403    shipping:write|orders:read
GET    /api/shipping/{shipmentId}/label                      401    403   403   200   403    shipping:write
POST   /api/notifications                                    401    403   403   202   403    notifications:write
GET    /api/notifications                                    401    200   403   200   403    notifications:write
GET    /api/notifications/orders/{orderId}                   401    403   403   200   403    notifications:write
GET    /api/notifications/stream                             401    200   200   403   403    -
GET    /api/notifications/back-in-stock                      401    200   []    403   403    -
POST   /api/notifications/back-in-stock                      409    409   409   409   409    -
POST   /api/notifications/back-in-stock/confirm              400    400   400   400   400    -
POST   /api/notifications/guests/export                      401    403   403   200   403    notifications:write
POST   /api/notifications/guests/erasure                     401    403   403   204   403    notifications:write
PUT    /api/notifications/back-in-stock/{productId}          401    409   409   403   403    -
DELETE /api/notifications/back-in-stock/{productId}          401    204   204   403   403    -
POST   /api/notifications/unsubscribe                        400    400   400   400   400    -
GET    /api/notifications/preferences/{customerId}           401    200   403   200   403    notifications:write
PUT    /api/notifications/preferences/{customerId}           401    200   403   200   403    notifications:write
GET    /api/notifications/{notificationId}                   401    200   404   200   403    notifications:write
PATCH  /api/notifications/{notificationId}                   401    200   404   200   403    notifications:write
POST   /api/notifications/{notificationId}/resend            401    403   403   409   403    notifications:write
GET    /api/webhooks                                         401    403   403   200   403    webhooks:admin
POST   /api/webhooks                                         401    403   403   201   403    webhooks:admin
GET    /api/webhooks/events                                  401    403   403   200   403    webhooks:admin
GET    /api/webhooks/{webhookId}                             401    403   403   200   403    webhooks:admin
PATCH  /api/webhooks/{webhookId}                             401    403   403   200   403    webhooks:admin
DELETE /api/webhooks/{webhookId}                             401    403   403   204   403    webhooks:admin
POST   /api/webhooks/{webhookId}/secret                      401    403   403   200   403    webhooks:admin
POST   /api/webhooks/{webhookId}/test                        401    403   403   202   403    webhooks:admin
POST   /api/webhooks/{webhookId}/replay                      401    403   403   202   403    webhooks:admin
GET    /api/webhooks/{webhookId}/deliveries                  401    403   403   200   403    webhooks:admin
GET    /api/webhooks/{webhookId}/deliveries/{deliveryId}     401    403   403   200   403    webhooks:admin
POST   /api/webhooks/{webhookId}/deliveries/{deliveryId}/replay 401 403   403   202   403    webhooks:admin
GET    /api/events/lag                                       401    403   403   200   403    events:admin
GET    /api/settings                                         401    403   403   200   403    events:admin
GET    /api/events/parked                                    401    403   403   200   403    events:admin
POST   /api/events/parked/{consumer}/{eventId}/replay        401    403   403   404   403    events:admin
DELETE /api/events/parked/{consumer}/{eventId}               401    403   403   404   403    events:admin
"""
"""The matrix: a row a route, a column a caller."""

CALLERS = ("nobody", "owner", "other", "staff", "wrong")
EVERY_SCOPE = (*STAFF, "inventory:reserve")

QUERIES = {
    ("GET", "/api/products/search/suggest"): "?q=salmon",
    ("GET", "/api/orders"): "?userId={customerId}",
    ("GET", "/api/subscriptions"): "?userId={customerId}",
    ("GET", "/api/payments"): "?orderId={orderId}",
    ("GET", "/api/payments/methods"): "?userId={customerId}",
    ("GET", "/api/shipping"): "?orderId={orderId}",
    ("GET", "/api/shipping/packing"): "?warehouseId=0199a000-0000-7000-8000-0000000000e1",
    ("GET", "/api/notifications"): "?customerId={customerId}",
}

USED_UP = {
    ("POST", "/api/orders"),
    ("DELETE", "/api/products/{productId}"),
    ("DELETE", "/api/products/{productId}/sale"),
    ("DELETE", "/api/categories/{categoryId}"),
    ("DELETE", "/api/inventory/reservations/{orderId}"),
    ("PATCH", "/api/orders/{orderId}"),
    ("POST", "/api/orders/{orderId}/cancel"),
    ("DELETE", "/api/carts/{cartId}"),
    ("POST", "/api/carts/{cartId}/merge"),
    ("POST", "/api/carts/{cartId}/checkout"),
    ("DELETE", "/api/subscriptions/{subscriptionId}"),
    ("POST", "/api/subscriptions/{subscriptionId}/order-now"),
    ("POST", "/api/subscriptions/{subscriptionId}/pause"),
    ("DELETE", "/api/promotions/{code}"),
    ("POST", "/api/payments/{paymentId}/refund"),
    ("DELETE", "/api/payments/methods/{methodId}"),
    ("DELETE", "/api/customers/{customerId}"),
    ("DELETE", "/api/webhooks/{webhookId}"),
}
"""What can be done once, or needs things as they were: each caller who may gets a shelf of its own."""

OWN_REFUSALS = {
    ("GET", "/oauth2/authorize"),
    ("POST", "/oauth2/token"),
    ("POST", "/oauth2/revoke"),
    ("POST", "/oauth2/introspect"),
}
"""What answers as OAuth says, or with a page, when it says no."""

ENDLESS = ("GET", "/api/notifications/stream")

DENIED = ("401", "403")
ALLOWED = ("200", "201", "202", "204")
NOT_THEIRS = ("403", "404", "[]")
"""What somebody gets of what is another's: no, nothing of that id, or nothing at all."""


@dataclass(frozen=True, slots=True)
class Row:
    """A route and what each caller gets from it."""

    operation: Operation
    cells: dict[str, str]
    scopes: tuple[str, ...]

    def __str__(self) -> str:
        """Name the test."""
        return " ".join(self.operation)


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    for text in TABLE.strip().splitlines()[1:]:
        method, path, *cells, scope = text.split()
        scopes = () if scope == "-" else tuple(scope.split("|"))
        yield Row((method, path), dict(zip(CALLERS, cells, strict=True)), scopes)


ROWS = list(rows())


def body(operation: Operation, shelf: Shelf) -> object:
    """Return a body with which the call is sound."""
    make = BODIES.get(operation)
    return make(shelf) if make else None


def new_product(shelf: Shelf) -> Json:
    return {"name": shelf.shop.word("Bowl "), "price": 4.5, "category": "Bowls"}


def configurable(shelf: Shelf) -> Json:
    return new_product(shelf) | {"options": [{"name": "Size", "values": ["S", "L"]}]}


def bundle(shelf: Shelf) -> Json:
    return new_product(shelf) | {"components": [line(shelf.product, 2)]}


def registration(shelf: Shelf) -> Json:
    name = shelf.shop.word("user")
    return {"username": name, "email": f"{name}@example.com", "password": "correct horse battery"}


def profile(shelf: Shelf) -> Json:
    name = shelf.shop.word("user")
    return {"username": name, "email": f"{name}@example.com"}


def warehouse(shelf: Shelf) -> Json:
    code = shelf.shop.word("W").upper()
    return {"code": code, "name": "A shed", "address": ADDRESS, "priority": 900}


def changed_warehouse(_: Shelf) -> Json:
    return {"name": "Ohio", "address": ADDRESS, "priority": 1}


def level(shelf: Shelf) -> Json:
    return {"stockLevel": 400, "warehouseId": shelf.ids["warehouseId"]}


def adjustment(shelf: Shelf) -> Json:
    return {"delta": 1, "reason": "found", "warehouseId": shelf.ids["warehouseId"]}


def reservation(shelf: Shelf) -> Json:
    return {"orderId": shelf.shop.new_id(), "items": [line(shelf.product)]}


def promotion(shelf: Shelf) -> Json:
    code = shelf.shop.word("P").upper()
    return {"code": code, "kind": "percent", "percent": 5, "description": "A test"}


def subscription(shelf: Shelf) -> Json:
    return {
        "userId": shelf.owner.id,
        "items": [line(shelf.product)],
        "interval": {"every": 1, "unit": "month"},
        "nextDate": (datetime.now(UTC) + timedelta(days=59)).date().isoformat(),
        "paymentMethod": "CreditCard",
        "shippingAddress": ADDRESS,
    }


def shipment(shelf: Shelf) -> Json:
    return {"orderId": shelf.ids["orderId"], "parcels": [{"weightGrams": 500}]}


BODIES: dict[Operation, Callable[[Shelf], object]] = {
    ("POST", "/api/products"): new_product,
    ("POST", "/api/products/configurable"): configurable,
    ("POST", "/api/products/bundles"): bundle,
    ("PUT", "/api/products/{productId}"): new_product,
    ("PATCH", "/api/products/{productId}"): lambda _: {"description": "Crunchy"},
    ("PUT", "/api/products/{productId}/sale"): lambda _: SALE,
    ("POST", "/api/products/{productId}/images"): lambda _: picture(),
    ("POST", "/api/products/{productId}/reviews"): lambda _: {
        "rating": 4,
        "title": "Fine",
        "text": "It is",
    },
    ("POST", "/api/products/imports"): lambda _: FEED,
    ("POST", "/api/categories"): lambda shelf: {"name": shelf.shop.word("Beds ")},
    ("PUT", "/api/categories/{categoryId}"): lambda shelf: {"name": shelf.shop.word("Beds ")},
    ("PUT", "/api/inventory/{productId}"): level,
    ("POST", "/api/inventory/{productId}/adjustments"): adjustment,
    ("POST", "/api/inventory/availability"): lambda shelf: {"items": [line(shelf.product)]},
    ("POST", "/api/inventory/reservations"): reservation,
    ("POST", "/api/inventory/warehouses"): warehouse,
    ("PUT", "/api/inventory/warehouses/{warehouseId}"): changed_warehouse,
    ("POST", "/api/orders"): lambda shelf: order(shelf.owner.id, (shelf.product, 1)),
    ("POST", "/api/orders/{orderId}/notes"): lambda _: {"text": "Called, is patient"},
    ("PATCH", "/api/orders/{orderId}"): lambda _: {"status": "CANCELLED"},
    ("POST", "/api/carts"): lambda _: {},
    ("PUT", "/api/carts/{cartId}/items/{productId}"): lambda _: {"quantity": 2},
    ("POST", "/api/carts/{cartId}/merge"): lambda shelf: {"cartId": shelf.ids["guestCartId"]},
    ("POST", "/api/carts/{cartId}/checkout"): lambda _: CHECKOUT,
    ("POST", "/api/subscriptions"): subscription,
    ("POST", "/api/subscriptions/prices"): lambda shelf: {
        "items": [{"productId": shelf.ids["productId"], "quantity": 1}]
    },
    ("PATCH", "/api/subscriptions/{subscriptionId}"): lambda _: {"name": "For Rex"},
    ("POST", "/api/subscriptions/{subscriptionId}/items"): lambda shelf: {
        **line(shelf.product),
        "once": True,
    },
    ("POST", "/api/subscriptions/{subscriptionId}/swap"): lambda shelf: {
        "itemId": shelf.ids["itemId"],
        "productId": shelf.ids["productId"],
    },
    ("POST", "/api/subscriptions/{subscriptionId}/approve"): lambda shelf: {
        "itemId": shelf.ids["itemId"]
    },
    ("POST", "/api/promotions"): promotion,
    ("POST", "/api/payments"): lambda shelf: {
        "orderId": shelf.ids["orderId"],
        "paymentMethod": "CreditCard",
    },
    ("POST", "/api/payments/methods"): lambda shelf: {
        "userId": shelf.owner.id,
        "paymentMethod": "CreditCard",
    },
    ("POST", "/api/payments/{paymentId}/refund"): lambda _: {"amount": 1.0},
    ("POST", "/api/payments/webhooks/stripe"): lambda _: {"id": "evt_1"},
    ("POST", "/api/payments/webhooks/paypal"): lambda _: {"id": "WH-1"},
    ("POST", "/api/shipping/webhooks/ups"): lambda _: {"trackingNumber": "1Z"},
    ("POST", "/api/shipping/webhooks/fedex"): lambda _: {"trackingNumber": "7946"},
    ("POST", "/api/customers"): registration,
    ("PUT", "/api/customers/{customerId}"): profile,
    ("PATCH", "/api/customers/{customerId}"): lambda _: {"name": "Sam"},
    ("POST", "/api/customers/password-reset"): lambda _: {"email": "nobody@example.com"},
    ("POST", "/api/customers/verify-email"): lambda _: {"email": "nobody@example.com"},
    ("POST", "/api/staff"): lambda shelf: {
        "username": shelf.shop.word("clerk"),
        "roles": ["support"],
    },
    ("PATCH", "/api/staff/{staffId}"): lambda _: {"roles": ["finance"]},
    ("PUT", "/api/customers/{customerId}/password"): lambda _: {
        "current": "not this one",
        "password": "a much better one",
    },
    ("PUT", "/api/customers/{customerId}/factors/totp"): lambda _: {"code": "000000"},
    ("POST", "/api/customers/{customerId}/factors/passkeys"): lambda _: {
        "name": "Phone",
        "credentialId": "AA",
        "clientData": "AA",
        "authenticatorData": "AA",
        "publicKey": "AA",
    },
    ("PATCH", "/api/customers/{customerId}/factors/passkeys/{passkeyId}"): lambda _: {
        "name": "Key"
    },
    ("POST", "/api/clients"): lambda _: {
        "name": "Walkies",
        "scopes": ["openid"],
        "redirectUris": ["https://app.example/callback"],
    },
    ("POST", "/oauth2/consent"): lambda _: b"answer=allow",
    ("POST", "/oauth2/token"): lambda _: b"grant_type=client_credentials&client_id=nobody",
    ("POST", "/oauth2/revoke"): lambda _: b"token=x&client_id=nobody",
    ("POST", "/oauth2/introspect"): lambda _: b"token=x&client_id=nobody",
    ("POST", "/session"): lambda _: {"username": "nobody", "password": "correct horse battery"},
    ("POST", "/session/passkey"): lambda _: {
        "credentialId": "AA",
        "accountId": "nobody",
        "clientData": "AA",
        "authenticatorData": "AA",
        "signature": "AA",
    },
    ("POST", "/session/token"): lambda _: {"token": "none"},
    ("POST", "/api/recommendations/views"): lambda shelf: {"productId": shelf.ids["productId"]},
    ("POST", "/api/shipping/rates"): lambda shelf: {
        "address": {"zipCode": "10001"},
        "items": [line(shelf.product)],
    },
    ("POST", "/api/shipping"): shipment,
    ("PUT", "/api/shipping/{shipmentId}/packing"): lambda _: {"stage": "TO_PICK"},
    ("POST", "/api/notifications"): lambda shelf: {
        "customerId": shelf.owner.id,
        "type": "order_delivered",
        "data": {"orderId": shelf.ids["orderId"]},
    },
    ("POST", "/api/notifications/back-in-stock"): lambda shelf: {
        "productId": shelf.ids["productId"],
        "email": "guest@example.com",
    },
    ("POST", "/api/notifications/back-in-stock/confirm"): lambda _: {"token": "none"},
    ("POST", "/api/notifications/guests/export"): lambda _: {"email": "guest@example.com"},
    ("POST", "/api/notifications/guests/erasure"): lambda _: {"email": "guest@example.com"},
    ("PUT", "/api/notifications/preferences/{customerId}"): lambda _: {"channels": {"sms": False}},
    ("PATCH", "/api/notifications/{notificationId}"): lambda _: {"read": True},
    ("POST", "/api/webhooks"): lambda _: WEBHOOK,
    ("PATCH", "/api/webhooks/{webhookId}"): lambda _: {"enabled": False},
    ("POST", "/api/webhooks/{webhookId}/secret"): lambda _: {"overlapHours": 1},
    ("POST", "/api/webhooks/{webhookId}/replay"): lambda _: {"since": "2026-03-02T15:00:00Z"},
    ("POST", "/api/notifications/unsubscribe"): lambda _: b"List-Unsubscribe=One-Click",
}

OAUTH_FORM = {"content-type": "application/x-www-form-urlencoded"}
HEADERS: dict[Operation, dict[str, str]] = {
    ("POST", "/api/notifications/unsubscribe"): OAUTH_FORM,
    ("POST", "/api/products/{productId}/images"): FORM,
    ("POST", "/api/products/imports"): {"content-type": "text/csv"},
    ("POST", "/oauth2/consent"): OAUTH_FORM,
    ("POST", "/oauth2/token"): OAUTH_FORM,
    ("POST", "/oauth2/revoke"): OAUTH_FORM,
    ("POST", "/oauth2/introspect"): OAUTH_FORM,
}


def callers(shelf: Shelf, other: Live, row: Row) -> Iterator[tuple[str, Live]]:
    """Yield who calls, those who may not first; staff once for each scope that opens."""
    found = [("nobody", shelf.shop.nobody), ("owner", shelf.owner.live), ("other", other)]
    opening = [[scope] for scope in row.scopes] or [[*EVERY_SCOPE]]
    found += [("staff", shelf.shop.nobody.with_scopes(*scopes)) for scopes in opening]
    wrong = [scope for scope in EVERY_SCOPE if scope not in row.scopes]
    found.append(("wrong", shelf.shop.nobody.with_scopes(*wrong)))
    yield from sorted(found, key=lambda each: row.cells[each[0]].startswith("2"))


async def status(row: Row, shelf: Shelf, live: Live, document: Document) -> str:
    """Call a route; return what it answered, which is a documented answer."""
    path = shelf.path(row.operation[1] + QUERIES.get(row.operation, ""))
    method, sent = row.operation[0], HEADERS.get(row.operation)
    if row.operation == ENDLESS:
        async with live.open(method, path) as stream:
            return str(stream.status)
    answer = await live.send(method, path, body(row.operation, shelf), sent)
    document.check(row.operation, answer)
    if answer.status >= 400 and row.operation not in OWN_REFUSALS:
        assert answer.json()["status"] == answer.status
    return "[]" if (answer.status, answer.body) == (200, b"[]") else str(answer.status)


def test_every_route_has_a_row(document: Document) -> None:
    assert {row.operation for row in ROWS} == set(document.operations)
    assert len({row.operation for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_row_says_what_the_route_declares(document: Document, row: Row) -> None:
    """The table is written by hand and the declarations are enforced: neither drifts alone."""
    assert set(row.scopes) == set(document.opening(row.operation) or ()), row
    owner = document.owner(row.operation)
    if document.scope(row.operation) is not None:
        others = [row.cells[name] for name in ("owner", "other", "wrong")]
        assert (row.cells["nobody"], others) == ("401", ["403"] * 3)
        assert row.cells["staff"] not in DENIED
    elif owner is None or owner["by"] == "link":
        assert len(set(row.cells.values())) == 1, "it is the same for everybody"
    else:
        assert row.cells["nobody"] == "401" or owner["by"] == "search"
        assert row.cells["owner"] not in ("401", "403", "[]")
        assert owner["by"] == "caller" or row.cells["other"] in NOT_THEIRS
        assert row.cells["staff"] not in (DENIED if owner["scopes"] else ALLOWED)
        assert row.cells["wrong"] in NOT_THEIRS


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_gives_each_caller_what_is_theirs(
    slow_shop: Shop, common: Shelf, document: Document, row: Row
) -> None:
    other = (await slow_shop.register()).live
    seen, expected = [], []
    for name, live in callers(common, other, row):
        shelf, caller = common, live
        if row.operation in USED_UP and row.cells[name].startswith("2"):
            shelf = await fill(slow_shop)
            caller = shelf.owner.live if name == "owner" else live
        got = await status(row, shelf, caller, document)
        cell = row.cells[name]
        seen.append((name, "200" if got == "[]" and cell == "200" else got))
        expected.append((name, cell))
    assert seen == expected


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_each_role_opens_what_its_scopes_open_and_nothing_else(
    slow_shop: Shop, common: Shelf, document: Document, role: str
) -> None:
    """A role is tried on every route that asks for a scope, where it must be told so."""
    live = slow_shop.nobody.with_token(
        common.shop.process.issuer.for_client(f"a {role}", sorted(ROLES[role]), TOKEN_LIFE)
    )
    opened: list[tuple[str, str]] = []
    missing: list[tuple[str, str]] = []
    for row in ROWS:
        scope = document.scope(row.operation)
        if scope is None or row.operation in USED_UP or row.operation == ENDLESS:
            continue
        got = await status(row, common, live, document)
        (missing if scope in ROLES[role] else opened).append((str(row), got))
    assert [each for each in opened if each[1] != "403"] == []
    assert [each for each in missing if each[1] in ("401", "403")] == []


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_no_role_opens_what_only_services_may(
    slow_shop: Shop, common: Shelf, document: Document, role: str
) -> None:
    live = slow_shop.nobody.with_scopes(*ROLES[role])
    for row in ROWS:
        if row.scopes == ("inventory:reserve",):
            assert await status(row, common, live, document) == "403"


def claims(**changes: object) -> Json:
    """Return the claims of a member of staff."""
    now = int(datetime.now(UTC).timestamp())
    scope = " ".join(EVERY_SCOPE)
    standard: Json = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + 3600}
    named = standard | {"sub": "thief", "client_id": "thief", "jti": "1", "scope": scope} | changes
    return {name: value for name, value in named.items() if value is not None}


def part(value: Json) -> str:
    """Return one part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def bad_tokens(process: ShopProcess) -> dict[str, str]:
    """Return tokens that claim everything and hold for nothing."""
    key: Any = load_or_make_key(process.data_dir / "signing-key.json")
    stranger = ECKey.generate_key("P-256", auto_kid=True)
    public = OctKey.import_key(json.dumps(key.as_dict(private=False)))
    header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}

    def signed(with_key: Any = key, headers: Json | None = None, **changes: object) -> str:
        used = header | (headers or {})
        return jwt.encode(used, claims(**changes), with_key, algorithms=[used["alg"]])

    good = signed()
    head, payload, signature = good.split(".")
    clock = SystemClock()
    past = TokenIssuer(key, clock, process.ids).for_client("x", STAFF, timedelta(seconds=-1))
    return {
        "expired": past,
        "expired just now": signed(exp=int(datetime.now(UTC).timestamp()) - 1),
        "not yet valid": signed(nbf=int(datetime.now(UTC).timestamp()) + 3600),
        "never expires": signed(exp=None),
        "expires as text": signed(exp="2999"),
        "of another key": signed(stranger),
        "of another key under our name": signed(stranger, {"kid": key.kid}),
        "other claims under our signature": f"{head}.{part(claims(sub='other'))}.{signature}",
        "no signature": f"{head}.{payload}.",
        "alg none": f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(claims())}.",
        "alg None": f"{part({'alg': 'None', 'typ': 'at+jwt'})}.{part(claims())}.{signature}",
        "our public key as a shared secret": signed(public, {"alg": "HS256"}),
        "key in the header": signed(stranger, {"jwk": stranger.as_dict(private=False)}),
        "for another audience": signed(aud="elsewhere"),
        "for no audience": signed(aud=None),
        "of another issuer": signed(iss="https://evil.example"),
        "an id token": signed(headers={"typ": "JWT"}),
        "without a subject": signed(sub=None),
        "no token": "x",
        "two parts": f"{head}.{payload}",
        "much too long": good + "A" * 10_000,
    }


async def test_a_version_that_is_outdated_is_refused_wherever_the_document_offers_if_match(
    slow_shop: Shop, document: Document
) -> None:
    shelf = await fill(slow_shop)
    answers = {}
    for operation, told in document.operations.items():
        if any(each["name"] == "If-Match" for each in told["parameters"]):
            method, path = operation
            stale = {"if-match": '"999999"'}
            sent = await shelf.staff.send(method, shelf.path(path), body(operation, shelf), stale)
            answers[operation] = sent.status
    assert len(answers) > 10
    assert set(answers.values()) == {412}, answers


async def test_no_bad_token_opens_any_route(common: Shelf, document: Document) -> None:
    process = common.shop.process
    opened: list[tuple[str, str]] = []
    for name, token in bad_tokens(process).items():
        live = common.shop.nobody.with_token(token)
        tried = ROWS if name in EVERYWHERE else ROWS[1::12]
        opened += [
            (name, str(row)) for row in tried if await status(row, common, live, document) != "401"
        ]
    assert opened == []


EVERYWHERE = ("expired", "of another key", "alg none", "for another audience", "of another issuer")
"""The bad tokens that are tried on every route; the others on some."""


@pytest.mark.parametrize(
    "scheme", ["Basic {}", "{}", "Bearer", "Bearer ", "Token {}", "Bearer {} x"]
)
async def test_takes_a_token_as_a_bearer_only(common: Shelf, scheme: str) -> None:
    header = {"authorization": scheme.format(common.staff.token)}
    answer = await common.shop.nobody.get("/api/promotions", header)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_takes_no_token_from_the_address_or_a_cookie(common: Shelf) -> None:
    token = common.staff.token
    nobody = common.shop.nobody
    for name in ("access_token", "token", "authorization"):
        assert (await nobody.get(f"/api/promotions?{name}={token}")).status == 401
        cookie = {"cookie": f"{name}={token}"}
        assert (await nobody.get("/api/promotions", cookie)).status == 401


async def test_a_scope_is_a_word_of_its_own(common: Shelf) -> None:
    for scope in ("orders:readall", "xorders:read", "orders", "ORDERS:READ", "orders:*", "*"):
        answer = await common.shop.nobody.with_scopes(scope).get("/api/promotions")
        assert (answer.status, answer.json()["code"]) == (403, "missing-scope")


async def test_a_remembered_token_with_a_letter_more_is_another_one(common: Shelf) -> None:
    token = common.staff.token
    assert token is not None
    for sent, expected in ((token, 200), (token + "A", 401), (token[:-1], 401)):
        answer = await common.shop.nobody.with_token(sent).get("/api/promotions")
        assert answer.status == expected
