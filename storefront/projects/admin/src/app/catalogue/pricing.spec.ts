import { describe, expect, it } from "vitest";

import { repriced } from "./pricing";

describe("repricing", () => {
  it("rounds to cents, half up", () => {
    expect(repriced(9.99, 5)).toBe(10.49);
    expect(repriced(0.5, 1)).toBe(0.51);
    expect(repriced(20, -10)).toBe(18);
    expect(repriced(29.99, 12.5)).toBe(33.74);
  });
});
