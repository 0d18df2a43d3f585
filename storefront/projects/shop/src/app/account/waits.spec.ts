import { provideHttpClient } from "@angular/common/http";
import { HttpTestingController, provideHttpClientTesting } from "@angular/common/http/testing";
import { signal } from "@angular/core";
import { TestBed } from "@angular/core/testing";
import { Session, AwaitedView } from "@kibble/shared";

import { Waits } from "./waits";

const URL = "/api/notifications/back-in-stock";
const KIBBLE: AwaitedView = { productId: "1", productName: "Salmon kibble", askedAt: "2026-03-02T15:00:00Z" };

/** Return the store of a customer who has signed in, and what it asks. */
async function started(known: readonly AwaitedView[] | null = []) {
  const customerId = signal<string | null>("jane");
  TestBed.configureTestingModule({
    providers: [provideHttpClient(), provideHttpClientTesting(), { provide: Session, useValue: { customerId } }],
  });
  const waits = TestBed.inject(Waits);
  const http = TestBed.inject(HttpTestingController);
  TestBed.tick();
  const asked = http.expectOne({ method: "GET", url: URL });
  if (known) asked.flush(known);
  else asked.flush({ code: "unavailable" }, { status: 503, statusText: "Away" });
  await settled();
  return { waits, http, customerId };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("what a customer waits for", () => {
  it("is what the shop knows", async () => {
    const { waits } = await started([KIBBLE]);
    expect(waits.all()).toEqual([KIBBLE]);
    expect(waits.has("1")).toBe(true);
    expect(waits.has("2")).toBe(false);
  });

  it("grows and shrinks once the shop has said yes", async () => {
    const { waits, http } = await started();
    const begun = waits.begin("1");
    expect(waits.has("1")).toBe(false);
    http.expectOne({ method: "PUT", url: `${URL}/1` }).flush(KIBBLE);
    await begun;
    expect(waits.all()).toEqual([KIBBLE]);
    const ended = waits.end("1");
    http.expectOne({ method: "DELETE", url: `${URL}/1` }).flush(null, { status: 204, statusText: "No Content" });
    await ended;
    expect(waits.all()).toEqual([]);
  });

  it("stays as it was when the product is there by now", async () => {
    const { waits, http } = await started();
    const begun = waits.begin("1");
    http.expectOne(`${URL}/1`).flush({ code: "in-stock", detail: "It is in stock." }, { status: 409, statusText: "Conflict" });
    await expect(begun).rejects.toMatchObject({ code: "in-stock" });
    expect(waits.all()).toEqual([]);
  });

  it("is nothing when the shop cannot say, and unknown once one has left", async () => {
    const { waits, customerId } = await started(null);
    expect(waits.all()).toEqual([]);
    customerId.set(null);
    TestBed.tick();
    expect(waits.all()).toBeNull();
  });
});
