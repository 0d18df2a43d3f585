import { PackingView } from "@kibble/shared";

import { walk } from "./lists";

function shipment(...items: { productId: string; quantity: number }[]): PackingView {
  const of = { stage: "TO_PICK", carrier: "UPS", method: "UPS Ground", hasLabel: true, name: null, city: "", state: "", zipCode: "", createdAt: "" };
  return { ...of, shipmentId: "s", orderId: "o", parcels: [{ weightGrams: 1, items }] };
}

describe("what to fetch in one walk", () => {
  it("has each product once, for all shipments, what there is most of first", () => {
    const found = walk([shipment({ productId: "food", quantity: 1 }, { productId: "ball", quantity: 1 }), shipment({ productId: "ball", quantity: 2 })]);
    expect(found).toEqual([{ productId: "ball", quantity: 3 }, { productId: "food", quantity: 1 }]);
  });
});
