import { signal } from "@angular/core";
import { describe, expect, it } from "vitest";

import { Refusals } from "./refusals";

describe("what the shop refused", () => {
  it("holds while the field is as it was, and again when it is", () => {
    const email = signal("sam");
    const refusals = new Refusals((pointer) => (pointer === "/email" ? email() : ""));
    refusals.tell([{ pointer: "/email", detail: "is no address" }]);
    expect(refusals.of("/email")).toBe("is no address");
    email.set("sam@example.com");
    expect(refusals.of("/email")).toBeNull();
    email.set("sam");
    expect(refusals.of("/email")).toBe("is no address");
  });

  it("is only what was refused last", () => {
    const refusals = new Refusals(() => "");
    refusals.tell([{ pointer: "/email", detail: "is no address" }]);
    refusals.tell([]);
    expect(refusals.of("/email")).toBeNull();
  });
});
