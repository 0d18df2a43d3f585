import { Paged, Problem } from "@kibble/shared";
import { describe, expect, it } from "vitest";

import { PagedList } from "./paged-list";

describe("a paged list", () => {
  it("puts the next page behind the first", async () => {
    const pages: Record<string, Paged<string[]>> = {
      first: { items: ["a"], cursor: "second" },
      second: { items: ["b"], cursor: null },
    };
    const list = new PagedList<string>(async (cursor) => pages[cursor ?? "first"]!);
    await list.reload();
    await list.more();
    expect(list.items()).toEqual(["a", "b"]);
    expect(list.cursor()).toBeNull();
  });

  it("drops what an overtaken read brings", async () => {
    const answers: ((page: Paged<string[]>) => void)[] = [];
    const list = new PagedList<string>(() => new Promise((resolve) => answers.push(resolve)));
    const early = list.reload();
    const late = list.reload();
    answers[1]!({ items: ["late"], cursor: null });
    answers[0]!({ items: ["early"], cursor: null });
    await Promise.all([early, late]);
    expect(list.items()).toEqual(["late"]);
  });

  it("tells what went wrong, and is not loading any more", async () => {
    const list = new PagedList<string>(() => Promise.reject(new Problem(503, "unavailable", "Away.")));
    await list.reload();
    expect(list.problem()?.message).toBe("Away.");
    expect(list.loading()).toBe(false);
  });
});
