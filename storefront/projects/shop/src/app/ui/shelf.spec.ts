import { onShelf } from "./shelf";

const TREATS = { productId: "treats", name: "Treats", price: 9.99, image: null, category: "Food", score: 1, reason: { code: "because_you_bought", text: "Because you bought Kibble" } };

describe("what a shelf shows of a recommended product", () => {
  it("has the usual price beside that of a sale", () => {
    expect(onShelf({ ...TREATS, regularPrice: 12.99 }).sale).toEqual({ regularPrice: 12.99 });
  });

  it("has its price alone otherwise", () => {
    expect(onShelf({ ...TREATS, regularPrice: null }).sale).toBeNull();
  });
});
