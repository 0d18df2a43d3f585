import { provideHttpClient } from "@angular/common/http";
import { TestBed } from "@angular/core/testing";
import { provideRouter } from "@angular/router";

import { ProductCard, Shown } from "./product-card";

const BED: Shown = { id: "bed", name: "Foam bed", price: 44.99, image: null, kind: "configurable", stock: 3 };

function priceOf(product: Shown): { text: string; struck: string | undefined } {
  TestBed.configureTestingModule({ providers: [provideRouter([]), provideHttpClient()] });
  const card = TestBed.createComponent(ProductCard);
  card.componentRef.setInput("product", product);
  card.detectChanges();
  const price = (card.nativeElement as HTMLElement).querySelector(".price")!;
  return { text: price.textContent!.replace(/\s+/g, " ").trim(), struck: price.querySelector("s")?.textContent?.replace(/\s+/g, " ").trim() };
}

describe("the price on a card", () => {
  it("is that of the cheapest variant, with the usual one of the same variant struck through", () => {
    const sale = { regularPrice: 49.99, lowestPrice: 48, endsAt: null };
    const { text, struck } = priceOf({ ...BED, from: { id: "bed-s", price: 39.99, sale } });
    expect(text).toContain("from On sale for $39.99");
    expect(struck).toBe(", usually $49.99");
  });

  it("has nothing struck through when the cheapest variant is not on sale", () => {
    const { text, struck } = priceOf({ ...BED, from: { id: "bed-s", price: 39.99, sale: null } });
    expect(text).toBe("from $39.99");
    expect(struck).toBeUndefined();
  });

  it("is its own where it has no variants", () => {
    expect(priceOf({ ...BED, kind: "simple", from: null }).text).toBe("$44.99");
  });
});
