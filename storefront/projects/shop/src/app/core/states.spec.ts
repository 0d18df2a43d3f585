import { stateOf, STATES } from "./states";

describe("the state of a ZIP code", () => {
  it.each([["02118", "MA"], ["90210", "CA"], ["10001-1234", "NY"], ["73301", "TX"], ["00501", "NY"], ["99950", "AK"]])("is told by its first digits: %s", (zipCode, state) =>
    expect(stateOf(zipCode)).toBe(state),
  );

  it("is not guessed before the code is whole, nor where no state has it", () => {
    expect(["", "9021", "09012", "96910"].map(stateOf)).toEqual([null, null, null, null]);
  });

  it("is one that parcels go to, and each of those has codes", () => {
    const found = new Set(Array.from({ length: 1000 }, (_, prefix) => stateOf(`${String(prefix).padStart(3, "0")}00`)).filter(Boolean));
    expect([...found].sort()).toEqual(STATES.map(([code]) => code).sort());
  });
});
