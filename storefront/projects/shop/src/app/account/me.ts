import { computed, inject, Injectable, resource } from "@angular/core";
import { Api, CustomerView, PatchCustomer, Problem, Session } from "@kibble/shared";

import { Toasts } from "../core/toasts";

/** The customer who has signed in, and changes of what is known of them. */
@Injectable({ providedIn: "root" })
export class Me {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  private readonly loaded = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/customers/{customerId}", { path: { customerId: params } }),
  });
  /** Who; null while that is not known. */
  readonly customer = computed<CustomerView | null>(() => (this.loaded.hasValue() ? this.loaded.value() : null));

  /** Change some of it; tells what went wrong, or null when it is done. */
  async change(body: PatchCustomer, said: string): Promise<Problem | null> {
    const customerId = this.session.customerId();
    if (!customerId) return new Problem(401, "unauthenticated", "Please sign in.");
    try {
      this.loaded.set(await this.api.patch("/api/customers/{customerId}", { path: { customerId }, body }));
      this.toasts.show(said);
      return null;
    } catch (thrown) {
      return Problem.of(thrown);
    }
  }
}
