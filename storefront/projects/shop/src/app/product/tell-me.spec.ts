import { provideHttpClient } from "@angular/common/http";
import { HttpTestingController, provideHttpClientTesting } from "@angular/common/http/testing";
import { DOCUMENT, signal, Type } from "@angular/core";
import { TestBed } from "@angular/core/testing";
import { provideRouter } from "@angular/router";
import { Session } from "@kibble/shared";

import { BackInStock } from "../account/back-in-stock";
import { TellMe } from "./tell-me";

const URL = "/api/notifications/back-in-stock";
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** Return a page as a guest sees it, and what it asks of the shop. */
function opened<T>(page: Type<T>, hash = "") {
  const guest = { customerId: signal<string | null>(null) };
  TestBed.configureTestingModule({
    providers: [provideHttpClient(), provideHttpClientTesting(), provideRouter([]), { provide: Session, useValue: guest }],
  });
  TestBed.inject(DOCUMENT).location.hash = hash;
  const fixture = TestBed.createComponent(page);
  const element = fixture.nativeElement as HTMLElement;
  const says = async () => {
    await settled();
    fixture.detectChanges();
    return element.textContent ?? "";
  };
  return { fixture, element, says, http: TestBed.inject(HttpTestingController) };
}

describe("a guest before what is sold out", () => {
  async function asking(email: string) {
    const page = opened(TellMe);
    page.fixture.componentRef.setInput("productId", "1");
    page.fixture.detectChanges();
    const input = page.element.querySelector("input")!;
    input.value = email;
    input.dispatchEvent(new Event("input"));
    page.element.querySelector("form")!.dispatchEvent(new Event("submit"));
    await settled();
    return { ...page, input, asked: page.http.expectOne({ method: "POST", url: URL }) };
  }

  it("gives an address, and hears that a message is on its way", async () => {
    const { asked, says, element, fixture } = await asking(" sam@example.com ");
    expect(asked.request.body).toEqual({ productId: "1", email: "sam@example.com" });
    asked.flush({ message: "" }, { status: 202, statusText: "Accepted" });
    expect(await says()).toContain("on its way to sam@example.com");
    expect(element.querySelector("[role=status]")).not.toBeNull();
    fixture.componentRef.setInput("productId", "2");
    expect(await says()).not.toContain("on its way");
  });

  it("hears at the field what is wrong with the address", async () => {
    const { asked, says, element, input } = await asking("sam");
    asked.flush({ errors: [{ pointer: "/email", detail: "is wrong" }] }, { status: 400, statusText: "Bad Request" });
    expect(await says()).toContain("Please write a whole address");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(element.querySelector("[role=alert]")).toBeNull();
  });

  it("hears when the product is back just then", async () => {
    const { asked, says } = await asking("sam@example.com");
    asked.flush({ code: "in-stock", detail: "It is in stock." }, { status: 409, statusText: "Conflict" });
    expect(await says()).toContain("It is back just now");
  });
});

describe("the page that the mail leads to", () => {
  it("waits for nothing before one says so", async () => {
    const { element, says, http } = opened(BackInStock, "#token=abc");
    expect(await says()).toContain("Shall we write to you");
    http.verify();
    element.querySelector("button")!.click();
    await settled();
    const asked = http.expectOne({ method: "POST", url: `${URL}/confirm` });
    expect(asked.request.body).toEqual({ token: "abc" });
    asked.flush({ productId: "1", productName: "Salmon kibble", askedAt: "2026-03-02T15:00:00Z" });
    expect(await says()).toContain("Thank you");
    expect(element.querySelector("a")!.getAttribute("href")).toBe("/p/1");
  });

  it("says when its link is too old", async () => {
    const { element, says, http } = opened(BackInStock, "#token=abc");
    await says();
    element.querySelector("button")!.click();
    await settled();
    http.expectOne(`${URL}/confirm`).flush({ code: "invalid" }, { status: 400, statusText: "Bad Request" });
    expect(await says()).toContain("too old");
    expect(element.querySelector("button")).toBeNull();
  });

  it("says when its link is not whole", async () => {
    const { says } = opened(BackInStock, "");
    expect(await says()).toContain("not complete");
  });
});
