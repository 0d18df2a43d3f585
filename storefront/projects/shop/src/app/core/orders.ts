import { Injectable } from "@angular/core";

import { Kept } from "./kept";

const MOST = 20;

/**
 * The tokens of a guest's orders, each of which reaches one order and nothing else (30 days). They are kept here
 * because a guest has no session that could hold them.
 */
@Injectable({ providedIn: "root" })
export class GuestOrders {
  private readonly kept = new Kept<readonly (readonly [string, string])[]>("kibble.orders");

  /** Keep the token of an order. */
  remember(orderId: string, token: string): void {
    const others = (this.kept.read() ?? []).filter(([id]) => id !== orderId);
    this.kept.write([[orderId, token] as const, ...others].slice(0, MOST));
  }

  /** Return the orders whose token is kept, the last first, each with it. */
  all(): readonly (readonly [string, string])[] {
    return this.kept.read() ?? [];
  }

  /** Return an order's token; none where the customer's session reaches it. */
  token(orderId: string): string | undefined {
    return this.kept.read()?.find(([id]) => id === orderId)?.[1];
  }
}
