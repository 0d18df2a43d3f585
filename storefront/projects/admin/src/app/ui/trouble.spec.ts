import { TestBed } from "@angular/core/testing";
import { provideRouter } from "@angular/router";
import { Problem } from "@kibble/shared";
import { describe, expect, it } from "vitest";

import { Trouble } from "./trouble";

function shown(problem: Problem): HTMLElement {
  TestBed.configureTestingModule({ providers: [provideRouter([])] });
  const fixture = TestBed.createComponent(Trouble);
  fixture.componentRef.setInput("of", problem);
  fixture.componentRef.setInput("thing", "Order");
  fixture.componentRef.setInput("back", "/orders");
  fixture.detectChanges();
  return fixture.nativeElement as HTMLElement;
}

describe("trouble on the page of one thing", () => {
  it("has a heading and a way back to the list when there is no such thing", () => {
    const element = shown(new Problem(404, "not-found", "There is no such thing."));
    expect(element.querySelector("h1")?.textContent).toBe("Order not found");
    expect(element.querySelector("a")?.getAttribute("href")).toBe("/orders");
  });

  it("can be tried again otherwise", () => {
    const element = shown(new Problem(0, "offline", "The shop cannot be reached."));
    expect(element.querySelector("h1")).toBeNull();
    expect(element.querySelector("button")?.textContent).toBe("Try again");
  });
});
