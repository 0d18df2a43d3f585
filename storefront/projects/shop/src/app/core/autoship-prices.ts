import { computed, inject, resource, Signal } from "@angular/core";
import { Api, AutoshipPriceView, CartItem, Session } from "@kibble/shared";

import { aPaint } from "./pause";

/** As many products as the shop prices at once. */
const MOST = 100;

/** Return what products cost on Autoship, by product: the shop's own figures, and nothing while they are not known. */
export function autoshipPrices(items: () => readonly CartItem[]): Signal<ReadonlyMap<string, AutoshipPriceView>> {
  const api = inject(Api);
  const session = inject(Session);
  const wanted = computed(() => JSON.stringify(items().slice(0, MOST).map(({ productId, quantity }) => ({ productId, quantity }))));
  const asked = resource({
    params: () => (items().length > 0 ? `${session.customerId() ?? ""} ${wanted()}` : undefined),
    loader: async () => {
      await aPaint();
      return api.post("/api/subscriptions/prices", { body: { items: JSON.parse(wanted()) as CartItem[] } });
    },
  });
  return computed(() => new Map((asked.hasValue() ? asked.value() : []).map((one) => [one.productId, one])));
}

/** Return what Autoship saves in words ("Save 20% on the first, 5% on each after"); null where that is no share. */
export function saving({ firstPercent: first, laterPercent: later }: AutoshipPriceView): string | null {
  if (!first) return null;
  if (first === later) return `Save ${first}% each time`;
  return later ? `Save ${first}% on the first, ${later}% on each after` : `Save ${first}% on the first`;
}
