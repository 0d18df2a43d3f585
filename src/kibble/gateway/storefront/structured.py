"""Structured data for search engines (https://schema.org, as JSON-LD)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kibble.gateway.storefront.words import slug

_CONTEXT = "https://schema.org"


def site(shop_url: str) -> dict[str, Any]:
    """Return the shop itself, with its search."""
    return {
        "@context": _CONTEXT,
        "@type": "WebSite",
        "name": "Kibble",
        "url": f"{shop_url}/",
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{shop_url}/search?q={{search_term_string}}",
            "query-input": "required name=search_term_string",
        },
    }


def product(entry: Mapping[str, Any], shop_url: str, canonical: str) -> dict[str, Any]:
    """Return a product with its offer, and its rating if anybody rated it."""
    priced = entry.get("from") or entry
    stock = "InStock" if entry["stock"] > 0 else "OutOfStock"
    told: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "Product",
        "name": entry["name"],
        "description": entry["description"],
        "sku": entry["sku"],
        "image": [shop_url + image if image[:1] == "/" else image for image in entry["images"]],
        "category": entry["category"],
        "offers": {
            "@type": "Offer",
            "url": shop_url + canonical,
            "price": f"{priced['price']:.2f}",
            "priceCurrency": "USD",
            "availability": f"{_CONTEXT}/{stock}",
            "itemCondition": f"{_CONTEXT}/NewCondition",
        },
    }
    if (sale := priced.get("sale")) and sale["endsAt"]:
        told["offers"]["priceValidUntil"] = sale["endsAt"]
    if brand := entry["attributes"].get("brand"):
        told["brand"] = {"@type": "Brand", "name": brand}
    if entry["reviewCount"]:
        told["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": entry["rating"],
            "reviewCount": entry["reviewCount"],
        }
    return told


def breadcrumbs(names: Sequence[str], shop_url: str) -> dict[str, Any]:
    """Return the way from the first page to a category."""
    steps = [("Kibble", f"{shop_url}/"), *((name, f"{shop_url}/c/{slug(name)}") for name in names)]
    return {
        "@context": _CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": address}
            for position, (name, address) in enumerate(steps, 1)
        ],
    }
