import { TestBed } from "@angular/core/testing";
import { provideRouter } from "@angular/router";
import { SubscribedItemView } from "@kibble/shared";

import { Line } from "./line";

const FOOD = { id: "1", productId: "food", name: "Food", quantity: 2, nextDate: "2026-03-02", agreedPrice: 10, price: 10, total: 19, fullTotal: 20, interval: { every: 4, unit: "week" } };

/** Return what a line says of itself. */
function said(coming: boolean): string {
  TestBed.configureTestingModule({ providers: [provideRouter([])] });
  const shown = TestBed.createComponent(Line);
  const inputs = { item: FOOD as SubscribedItemView, currency: "USD", coming, changeable: false, only: true };
  for (const [name, value] of Object.entries(inputs)) shown.componentRef.setInput(name, value);
  shown.detectChanges();
  return (shown.nativeElement as HTMLElement).querySelector("p")!.textContent!;
}

describe("a line of an Autoship", () => {
  it("says when it comes next, and for how much", () => {
    expect(said(true)).toContain("next on Mon, Mar 2, for");
  });

  it("promises nothing while the Autoship is paused or once it is over", () => {
    expect(said(false)).toBe("2 × $10.00, every 4 weeks");
  });
});
