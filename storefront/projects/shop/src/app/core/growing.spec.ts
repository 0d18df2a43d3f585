import { signal } from "@angular/core";
import { TestBed } from "@angular/core/testing";

import { growing, steps } from "./growing";

/** Let one more task pass, and what it asks for. */
async function aTask(): Promise<void> {
  TestBed.tick();
  await new Promise((done) => setTimeout(done));
}

describe("what is drawn a part at a time", () => {
  it("is a list that shows its first at once, and one more with every task", async () => {
    const all = signal(["a", "b", "c"]);
    const shown = TestBed.runInInjectionContext(() => growing(all, 1));
    expect(shown()).toEqual(["a"]);
    await aTask();
    expect(shown()).toEqual(["a", "b"]);
    await aTask();
    expect(shown()).toEqual(["a", "b", "c"]);
  });

  it("goes on where it was when the list becomes longer", async () => {
    const all = signal(["a", "b"]);
    const shown = TestBed.runInInjectionContext(() => growing(all, 2));
    all.set(["a", "b", "c"]);
    expect(shown()).toEqual(["a", "b"]);
    await aTask();
    expect(shown()).toEqual(["a", "b", "c"]);
  });

  it("begins anew with another list that follows an empty one", async () => {
    const all = signal(["a", "b"]);
    const shown = TestBed.runInInjectionContext(() => growing(all, 1));
    await aTask();
    expect(shown()).toEqual(["a", "b"]);
    all.set([]);
    expect(shown()).toEqual([]);
    all.set(["c", "d"]);
    expect(shown()).toEqual(["c"]);
  });

  it("is a page whose steps wait until there is something to show", async () => {
    const ready = signal(false);
    const step = TestBed.runInInjectionContext(() => steps(2, ready));
    await aTask();
    expect(step()).toBe(0);
    ready.set(true);
    await aTask();
    await aTask();
    await aTask();
    expect(step()).toBe(2);
  });
});
