import { HttpErrorResponse } from "@angular/common/http";
import { Problem } from "@kibble/shared";
import { describe, expect, it } from "vitest";

const told = (url: string, code: string) => Problem.of(new HttpErrorResponse({ status: 401, url, error: { code, detail: "This needs a token." } })).message;

describe("who is signed out", () => {
  it("is told to sign in again, and that nothing is lost", () => {
    for (const code of ["unauthenticated", "token-expired"]) expect(told("http://shop/api/products/1", code)).toContain("sign in again");
  });

  it("hears of a sign-in that fails why it does", () => {
    expect(told("http://shop/session/token", "unauthenticated")).toBe("This needs a token.");
    expect(told("http://shop/api/anything", "wrong-credentials")).toBe("This needs a token.");
  });
});
