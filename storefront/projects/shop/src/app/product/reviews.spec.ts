import { provideHttpClient } from "@angular/common/http";
import { HttpTestingController, provideHttpClientTesting } from "@angular/common/http/testing";
import { signal } from "@angular/core";
import { TestBed } from "@angular/core/testing";
import { provideRouter } from "@angular/router";
import { Session } from "@kibble/shared";

import { Reviews } from "./reviews";

const settled = () => new Promise((resolve) => setTimeout(resolve));

/** Return the reviews of a product as somebody sees them who has signed in, or not. */
function opened(isSignedIn: boolean) {
  const session = { signedIn: signal(isSignedIn) };
  TestBed.configureTestingModule({ providers: [provideHttpClient(), provideHttpClientTesting(), provideRouter([]), { provide: Session, useValue: session }] });
  const fixture = TestBed.createComponent(Reviews);
  for (const [name, value] of Object.entries({ productId: "1", rating: 0, count: 0 })) fixture.componentRef.setInput(name, value);
  fixture.detectChanges();
  return { fixture, element: fixture.nativeElement as HTMLElement, http: TestBed.inject(HttpTestingController) };
}

describe("a review", () => {
  it("leads a guest to the sign-in, and back", () => {
    const { element } = opened(false);
    expect(element.querySelector("a")?.getAttribute("href")).toBe("/sign-in?return=%2F");
  });

  it("leaves an empty form once it is up", async () => {
    const { fixture, element, http } = opened(true);
    element.querySelectorAll<HTMLElement>(".chip")[4]!.click();
    const title = element.querySelector<HTMLInputElement>("#review-title")!;
    title.value = "Shiny";
    element.querySelector<HTMLElement>("[type=submit]")!.click();
    await settled();
    http.expectOne({ method: "POST" }).flush({});
    await settled();
    fixture.detectChanges();
    expect(title.value).toBe("");
    expect(element.querySelector("[aria-pressed=true]")).toBeNull();
  });
});
