import { provideHttpClient } from "@angular/common/http";
import { HttpTestingController, provideHttpClientTesting } from "@angular/common/http/testing";
import { TestBed } from "@angular/core/testing";
import { provideRouter } from "@angular/router";
import { describe, expect, it } from "vitest";

import { Dashboard } from "./dashboard";

const settled = () => new Promise((resolve) => setTimeout(resolve));
const TOTAL = { start: "", orders: 0, paid: 0, cancelled: 0, revenue: 0, refunded: 0, paymentsFailed: 0 };

async function shown(stepSeconds: number): Promise<string> {
  TestBed.configureTestingModule({ providers: [provideHttpClient(), provideHttpClientTesting(), provideRouter([])] });
  const fixture = TestBed.createComponent(Dashboard);
  fixture.detectChanges();
  const request = TestBed.inject(HttpTestingController).expectOne(({ url }) => url.startsWith("/api/orders/sales"));
  request.flush({
    since: "2026-11-22T10:00:00Z", before: "2026-11-29T10:00:00Z", stepSeconds, currency: "USD", averageBasket: 0, shipped: 0, delivered: 0,
    total: TOTAL, slots: [], waiting: { toShip: 0, overdue: 0, unpaid: 0 },
  });
  await settled();
  fixture.detectChanges();
  return (fixture.nativeElement as HTMLElement).textContent;
}

describe("the dashboard", () => {
  it("says whose days its charts show", async () => {
    expect(await shown(86_400)).toContain("Days are those of UTC");
  });

  it("says whose hours its charts show", async () => {
    expect(await shown(3_600)).toContain("Hours are those of your time zone.");
  });
});
