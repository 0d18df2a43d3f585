import { signal } from "@angular/core";
import { Paged, Problem } from "@kibble/shared";

/** A list that is read page by page. `problem` is what went wrong with the last read. */
export class PagedList<T> {
  readonly items = signal<readonly T[]>([]);
  readonly loading = signal(false);
  readonly problem = signal<Problem | null>(null);
  readonly cursor = signal<string | null>(null);
  private turn = 0;

  /** `load` reads the page at a cursor; undefined is the first. */
  constructor(private readonly load: (cursor?: string) => Promise<Paged<readonly T[]>>) {}

  /** Read from the start; what an earlier read brings later is dropped. */
  async reload(): Promise<void> {
    await this.read(undefined, []);
  }

  /** Read the next page, and put it behind what is there. */
  async more(): Promise<void> {
    const cursor = this.cursor();
    if (cursor) await this.read(cursor, this.items());
  }

  private async read(cursor: string | undefined, before: readonly T[]): Promise<void> {
    const turn = ++this.turn;
    this.loading.set(true);
    try {
      const page = await this.load(cursor);
      if (turn !== this.turn) return;
      this.items.set([...before, ...page.items]);
      this.cursor.set(page.cursor);
      this.problem.set(null);
    } catch (thrown) {
      if (turn === this.turn) this.problem.set(Problem.of(thrown));
    } finally {
      if (turn === this.turn) this.loading.set(false);
    }
  }
}
