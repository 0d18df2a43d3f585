import { describe, expect, it } from "vitest";

import { WhenPipe } from "./when";

describe("a moment", () => {
  const year = new Date().getFullYear();

  it("has its year only when that is not this one", () => {
    const pipe = new WhenPipe();
    expect(pipe.transform(new Date(year, 2, 2, 14, 5, 9).toISOString())).toBe("Mar 2, 14:05");
    expect(pipe.transform(new Date(year - 1, 2, 2, 14, 5, 9).toISOString())).toBe(`Mar 2, ${year - 1}, 14:05`);
    expect(pipe.transform(new Date(year - 1, 2, 2, 14, 5, 9).toISOString(), "seconds")).toBe(`Mar 2, ${year - 1}, 14:05:09`);
    expect(pipe.transform(null)).toBe("");
  });
});
