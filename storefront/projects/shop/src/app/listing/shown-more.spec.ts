import { ShownMore } from "./shown-more";

describe("how far a list was shown", () => {
  it("is known of the last list alone", () => {
    const shown = new ShownMore();
    shown.keep("dogs", { items: [], cursor: "2" });
    expect(shown.of("dogs")?.cursor).toBe("2");
    expect(shown.of("cats")).toBeUndefined();
    shown.keep("cats", { items: [], cursor: null });
    expect(shown.of("dogs")).toBeUndefined();
  });
});
