import { signal } from "@angular/core";
import { Problem } from "@kibble/shared";

import { changeEach, outcomeOf } from "./bulk";
import { Picked } from "./picked";

describe("a change of many things", () => {
  it("goes on after one is refused, and tells why", async () => {
    const told: string[] = [];
    const change = (thing: string) =>
      thing === "b" ? Promise.reject(new Problem(409, "order-shipped", "It has left.")) : Promise.resolve();
    const outcome = await changeEach(["a", "b", "c"], (thing) => `#${thing}`, change, (text) => told.push(text));
    expect(outcome).toEqual({ changed: 2, refused: ["#b: It has left."] });
    expect(told).toEqual(["1 of 3", "2 of 3", "3 of 3"]);
    expect(outcomeOf(outcome, "orders")).toBe("2 orders changed, 1 refused.");
  });

  it("is sent once more under its key when the answer was lost", async () => {
    const keys: string[] = [];
    const change = (_: string, key: string) =>
      keys.push(key) === 1 ? Promise.reject(new Problem(0, "offline", "The shop cannot be reached.")) : Promise.resolve();
    const outcome = await changeEach(["a"], (thing) => thing, change, () => undefined);
    expect(outcome).toEqual({ changed: 1, refused: [] });
    expect(keys[0]).toBe(keys[1]);
  });
});

describe("a selection", () => {
  it("forgets what has left the list", () => {
    const list = signal([{ id: "a" }, { id: "b" }]);
    const picked = new Picked(list);
    picked.pickAll(true);
    expect(picked.all()).toBe(true);
    list.set([{ id: "b" }, { id: "c" }]);
    expect(picked.items()).toEqual([{ id: "b" }]);
    expect(picked.all()).toBe(false);
  });
});
