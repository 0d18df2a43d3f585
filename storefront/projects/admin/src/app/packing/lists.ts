import { PackingView, ShippingParcelView } from "@kibble/shared";

/** The stages of a shipment in the warehouse, in their order, with the words for each. */
export const STAGES = [
  { stage: "TO_PICK", title: "To pick", next: "PICKED", does: "Picked", back: null },
  { stage: "PICKED", title: "Picked", next: "PACKED", does: "Packed", back: "TO_PICK" },
  { stage: "PACKED", title: "Packed, for the carrier", next: null, does: null, back: "PICKED" },
] as const;

/** So many units of a product to fetch from the shelves. */
export interface Fetch {
  readonly productId: string;
  readonly quantity: number;
}

/** Return what to fetch for shipments in one walk: each product once, what there is most of first. */
export function walk(shipments: readonly PackingView[]): readonly Fetch[] {
  const found = new Map<string, number>();
  for (const { parcels } of shipments) {
    for (const { productId, quantity } of parcels.flatMap((parcel) => parcel.items)) found.set(productId, (found.get(productId) ?? 0) + quantity);
  }
  return [...found].map(([productId, quantity]) => ({ productId, quantity })).sort((one, other) => other.quantity - one.quantity);
}

const CARE: Readonly<Record<string, string>> = { cold: "keep cold", hazardous: "hazardous", "cold-hazardous": "keep cold, hazardous" };

/** Return what a packer needs to know of a parcel: its box, and how to handle it. */
export function howPacked({ box, handling }: ShippingParcelView): string {
  return [box ? `Box: ${box}` : "", CARE[handling] ?? ""].filter(Boolean).join(" · ");
}
