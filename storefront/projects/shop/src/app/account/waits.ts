import { effect, inject, Injectable, signal } from "@angular/core";
import { Api, Session, AwaitedView } from "@kibble/shared";

/** The products that who has signed in waits for: told once when they are back. */
@Injectable({ providedIn: "root" })
export class Waits {
  private readonly api = inject(Api);
  private readonly list = signal<readonly AwaitedView[] | null>(null);
  /** In the order of asking; null while they are not known. */
  readonly all = this.list.asReadonly();

  constructor() {
    const session = inject(Session);
    effect(() => {
      this.list.set(null);
      if (session.customerId()) void this.load();
    });
  }

  /** Whether one waits for a product. */
  has(productId: string): boolean {
    return (this.list() ?? []).some((one) => one.productId === productId);
  }

  /** Wait for a product; throws a `Problem`, with the code `in-stock` when it is there. */
  async begin(productId: string): Promise<void> {
    const waiting = await this.api.put("/api/notifications/back-in-stock/{productId}", { path: { productId } });
    this.list.update((list) => [...(list ?? []).filter((one) => one.productId !== productId), waiting]);
  }

  /** No longer wait for a product; throws a `Problem`. */
  async end(productId: string): Promise<void> {
    await this.api.delete("/api/notifications/back-in-stock/{productId}", { path: { productId } });
    this.list.update((list) => (list ?? []).filter((one) => one.productId !== productId));
  }

  /** Have a guest's address asked by e-mail whether it is to wait for a product; throws a `Problem`. */
  async ask(productId: string, email: string): Promise<void> {
    await this.api.post("/api/notifications/back-in-stock", { body: { productId, email } });
  }

  private async load(): Promise<void> {
    try {
      this.list.set(await this.api.get("/api/notifications/back-in-stock"));
    } catch {
      this.list.set([]);
    }
  }
}
