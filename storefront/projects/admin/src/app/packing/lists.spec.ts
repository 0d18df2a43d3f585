import { PackingView } from "@kibble/shared";

import { howPacked, walk } from "./lists";

function shipment(...items: { productId: string; quantity: number }[]): PackingView {
  const of = { stage: "TO_PICK", carrier: "UPS", method: "UPS Ground", hasLabel: true, name: null, city: "", state: "", zipCode: "", createdAt: "" };
  return { ...of, shipmentId: "s", orderId: "o", parcels: [{ weightGrams: 1, items, box: "small", sizeMm: [1, 1, 1], handling: "plain" }] };
}

describe("what to fetch in one walk", () => {
  it("has each product once, for all shipments, what there is most of first", () => {
    const found = walk([shipment({ productId: "food", quantity: 1 }, { productId: "ball", quantity: 1 }), shipment({ productId: "ball", quantity: 2 })]);
    expect(found).toEqual([{ productId: "ball", quantity: 3 }, { productId: "food", quantity: 1 }]);
  });
});

describe("what a packer is told of a parcel", () => {
  const parcel = { weightGrams: 1, items: [], sizeMm: null };
  it("has its box, and how to handle it", () => {
    expect(howPacked({ ...parcel, box: "small", handling: "cold" })).toBe("Box: small · keep cold");
  });
  it("is nothing for what needs neither", () => {
    expect(howPacked({ ...parcel, box: null, handling: "plain" })).toBe("");
  });
});
