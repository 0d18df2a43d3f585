import { Injectable } from "@angular/core";
import { ProductEntry } from "@kibble/shared";

/** A list as far as it was shown, and where it goes on; null after the last. */
export interface More {
  readonly items: readonly ProductEntry[];
  readonly cursor: string | null;
}

/** Keeps how far the last list was shown: who looks at a product and comes back finds it as long as it was. */
@Injectable({ providedIn: "root" })
export class ShownMore {
  private list = "";
  private more: More | undefined;

  /** Keep what was shown of a list, in place of the list before. */
  keep(list: string, more: More): void {
    this.list = list;
    this.more = more;
  }

  /** Return how far a list was shown, if it is the last that was kept. */
  of(list: string): More | undefined {
    return list === this.list ? this.more : undefined;
  }
}
