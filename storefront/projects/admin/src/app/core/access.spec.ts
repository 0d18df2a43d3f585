import { GUEST } from "@kibble/shared";
import { describe, expect, it } from "vitest";

import { accountOf, isUnproven, may, menuFor } from "./access";

describe("the menu", () => {
  it("shows a warehouse worker what to pack, and the inventory", () => {
    expect(menuFor(["inventory:write", "shipping:write"]).map((entry) => entry.path)).toEqual(["packing", "inventory"]);
  });

  it("shows nothing to a customer", () => {
    expect(menuFor([])).toEqual([]);
  });

  it("sends staff without a second factor to the account", () => {
    const admin = { ...GUEST, signedIn: true, roles: ["admin"] };
    expect(isUnproven(admin)).toBe(true);
    expect(isUnproven({ ...admin, scopes: ["orders:read"] })).toBe(false);
    expect(isUnproven({ ...GUEST, signedIn: true, roles: ["customer"] })).toBe(false);
  });

  it("knows the account behind staff, and none behind a token of the command line", () => {
    const signedIn = { ...GUEST, signedIn: true, accountId: "019a" };
    expect(accountOf({ ...signedIn, roles: ["admin"] }).accountId).toBe("019a");
    expect(accountOf(signedIn).accountId).toBeUndefined();
    expect(accountOf(null)).toEqual({});
  });

  it("opens what one of its scopes allows", () => {
    expect(may({ ...GUEST, scopes: ["orders:write"] }, "orders:write")).toBe(true);
    expect(may({ ...GUEST, scopes: ["orders:read"] }, "orders:write")).toBe(false);
    expect(may(null, "orders:read")).toBe(false);
  });
});
