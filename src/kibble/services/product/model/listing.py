"""A product as the shop shows it: with its stock, its rating, its variants or components."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kibble.kernel.ids import ProductId
from kibble.services.product.model.product import Contents, Kind, Product
from kibble.services.product.model.standing import Standing


@dataclass(frozen=True, slots=True)
class Listing:
    """A product and its standing.

    ``variants`` are those of a configurable product, in the order they were made; ``components``
    are the products in a bundle.
    """

    product: Product
    standing: Standing
    variants: Sequence[Listing] = ()
    components: Mapping[ProductId, Listing] = field(default_factory=dict[ProductId, "Listing"])

    @property
    def available(self) -> int:
        """Units that can be sold: all variants' together, a bundle's by its scarcest component."""
        match self.product.kind:
            case Kind.BUNDLE:
                return min(
                    self.components[part.product_id].available // part.quantity
                    for part in self.product.components
                )
            case Kind.CONFIGURABLE:
                return sum(variant.available for variant in self.variants)
            case _:
                return self.standing.available

    @property
    def on_sale(self) -> bool:
        """Whether its price is that of a sale, or that of one of its variants is."""
        return self.product.on_sale or any(variant.product.on_sale for variant in self.variants)

    @property
    def cheapest(self) -> Product:
        """What its least price is of: a variant, in stock or not, else the product itself."""
        variants = (variant.product for variant in self.variants)
        return min(variants, key=lambda variant: variant.price.minor, default=self.product)

    @property
    def sequence(self) -> int:
        """A number that grows whenever stock or rating of what is shown change."""
        others = sum(
            other.standing.version for other in (*self.variants, *self.components.values())
        )
        return self.standing.version + others

    @property
    def etag(self) -> str:
        """The entity tag: the product's version, and the sequence of what changes without it."""
        return f"{self.product.version}.{self.sequence}"

    @property
    def cold_chain(self) -> bool:
        """Whether it spoils, or something that it is made of does."""
        return self.product.cold_chain or any(one.cold_chain for one in self._parts())

    @property
    def hazardous(self) -> bool:
        """Whether it must not go by air, or something that it is made of must not."""
        return self.product.hazardous or any(one.hazardous for one in self._parts())

    def _parts(self) -> Iterator[Listing]:
        return (self.components[part.product_id] for part in self.product.components)

    @property
    def weight_grams(self) -> int:
        """The weight of one unit: a bundle's own, or else what its components weigh."""
        if (
            isinstance(self.product.structure, Contents)
            and "weightGrams" not in self.product.attributes
        ):
            return sum(
                self.components[part.product_id].weight_grams * part.quantity
                for part in self.product.components
            )
        return self.product.weight_grams
