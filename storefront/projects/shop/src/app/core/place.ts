import { Injectable, signal } from "@angular/core";
import { RateView } from "@kibble/shared";

import { Kept } from "./kept";

/** Where parcels go, as far as the visitor has told: a ZIP code is enough for prices and dates. */
@Injectable({ providedIn: "root" })
export class Place {
  private readonly kept = new Kept<string>("kibble.zip");
  private readonly zip = signal(this.kept.read() ?? "");
  /** The ZIP code, or an empty text. */
  readonly zipCode = this.zip.asReadonly();

  /** Keep a ZIP code. */
  remember(zipCode: string): void {
    this.zip.set(zipCode);
    this.kept.write(zipCode || null);
  }
}

/** Return a moment as a day: "Thu, Dec 3". */
export function day(moment: string): string {
  return new Date(moment).toLocaleDateString("en-US", { weekday: "short", month: "short", day: "numeric" });
}

/** Return the cheapest way, and the cheapest of each that is quicker. */
export function useful(rates: readonly RateView[]): readonly RateView[] {
  const found: RateView[] = [];
  for (const rate of [...rates].sort((one, other) => one.cost - other.cost)) {
    if (found.every((one) => rate.estimatedDelivery < one.estimatedDelivery)) found.push(rate);
  }
  return found;
}
