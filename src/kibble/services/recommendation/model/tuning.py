"""The item model's settings, with the values that were measured best."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """How the item model is built.

    Chosen on UCI Online Retail, leave-last-basket-out (``bench/recommendation.py``). ``l2`` is
    EASE^R's regularisation (Steck, WWW 2019), ``alpha`` and ``beta`` are RP3beta's (Paudel et al.,
    ACM TiiS 2017), ``shrink`` is the lift's.
    """

    dense_products: int = 5_000
    """Up to so many products with edges the model is EASE^R, which takes the cube of them in time
    and the square in memory (100 MB); above it is RP3beta, which takes what the edges take."""
    l2: float = 300.0
    alpha: float = 0.7
    beta: float = 0.2
    shrink: float = 10.0
    neighbours: int = 100
    """How many neighbours each product keeps; 200 rank no better, and take twice the time."""
    max_neighbours: int = 3_000_000
    """How many all products keep together: 8 bytes each."""
    companions: int = 30
    """How many products that are bought, or viewed, together with it each product keeps."""
    views_per_customer: int = 200
    """Only so many latest views of a customer count: a robot's thousands cost their square."""
    lines_per_order: int = 200
    half_life_days: float = 30.0
    """After how long a purchase counts half for what is trending."""
