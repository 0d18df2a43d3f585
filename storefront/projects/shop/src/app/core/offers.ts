import { httpResource } from "@angular/common/http";
import { computed, Injectable } from "@angular/core";
import { Api, OfferView } from "@kibble/shared";

/** What Autoship takes off, in per cent: of the first order, and of those after it. */
export interface AutoshipOffer {
  readonly first: number;
  readonly later: number;
}

/** What comes off by itself, as the shop tells everybody. */
@Injectable({ providedIn: "root" })
export class Offers {
  private readonly loaded = httpResource<readonly OfferView[]>(() => Api.read("/api/promotions/offers"));

  /** What Autoship saves; null where it saves nothing, or that is not known. */
  readonly autoship = computed(() => autoshipOffer(this.loaded.hasValue() ? this.loaded.value() : []));
}

/** Return the best of the offers for Autoship; those that need a basket of some size are not promised. */
export function autoshipOffer(offers: readonly OfferView[]): AutoshipOffer | null {
  const best = (audience: string) =>
    Math.max(0, ...offers.filter((one) => one.audience === audience && one.minimum === 0).map((one) => one.percent ?? 0));
  const later = best("autoship");
  const first = Math.max(best("first_autoship"), later);
  return first > 0 ? { first, later } : null;
}

/** Return an offer in words: "Save 20% on the first, 5% on each after". */
export function inWords({ first, later }: AutoshipOffer): string {
  if (first === later) return `Save ${first}% each time`;
  return later > 0 ? `Save ${first}% on the first, ${later}% on each after` : `Save ${first}% on the first`;
}
