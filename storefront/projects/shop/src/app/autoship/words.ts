import { Interval, SubscribedItem, SubscribedItemView, SubscriptionView } from "@kibble/shared";

/** The intervals that are offered, in weeks. */
export const WEEKS = [1, 2, 3, 4, 5, 6, 8, 12] as const;
/** The interval that most bags last for. */
export const USUAL_WEEKS = 4;

/** What may be changed of a line. */
export interface LineChange {
  readonly quantity?: number;
  readonly interval?: Interval;
}

/** Return an interval in words: "every 4 weeks", "every month". */
export function every(interval: Interval): string {
  return interval.every === 1 ? `every ${interval.unit}` : `every ${interval.every} ${interval.unit}s`;
}

/** Return a line's rhythm in words. */
export function rhythm(item: Pick<SubscribedItemView, "interval">): string {
  return item.interval ? every(item.interval) : "once, with the next order";
}

/** Return the intervals to choose from: the usual ones, and the one that is. */
export function intervals(now?: Interval | null): readonly Interval[] {
  const usual = WEEKS.map((weeks): Interval => ({ every: weeks, unit: "week" }));
  return !now || usual.some((one) => same(one, now)) ? usual : [now, ...usual];
}

/** Whether two intervals are one. */
export function same(one: Interval, other: Interval): boolean {
  return one.every === other.every && one.unit === other.unit;
}

/** Return a calendar day ("2026-12-05") in words, the same in every time zone: "Sat, Dec 5". */
export function dayOf(date: string): string {
  const [year, month, day] = date.split("-").map(Number);
  return new Date(year ?? 0, (month ?? 1) - 1, day ?? 1).toLocaleDateString("en-US", { weekday: "short", month: "short", day: "numeric" });
}

/** Return a moment as the calendar day that it is here: "2026-12-05". */
export function dateOf(moment: Date): string {
  return [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** Return what to call it. */
export function called(subscription: Pick<SubscriptionView, "name" | "items">): string {
  return subscription.name || subscription.items.map((item) => item.name ?? "a product").join(", ");
}

/** Return how far it is, in a few words. */
export function says(subscription: SubscriptionView): string {
  if (subscription.status === "PAUSED") return subscription.resumesOn ? `Paused until ${dayOf(subscription.resumesOn)}` : "Paused";
  if (subscription.status !== "ACTIVE") return "Ended";
  if (subscription.phase === "RETRYING") return "The payment did not work";
  if (subscription.phase === "PLACED") return "An order is being placed";
  return subscription.nextDate ? `Next on ${dayOf(subscription.nextDate)}` : "Waits";
}

/** Whether its lines may be changed: not once the next order is fixed, and not when it is over. */
export function changeable(subscription: SubscriptionView): boolean {
  if (subscription.status !== "ACTIVE") return subscription.status === "PAUSED";
  const open = subscription.phase === "SCHEDULED" || subscription.phase === "REMINDED";
  return open && (!subscription.changeUntil || Date.parse(subscription.changeUntil) > Date.now());
}

/** Return all lines as they are to be, with one of them changed, or without it when `change` is null. */
export function withChange(items: readonly SubscribedItemView[], itemId: string, change: LineChange | null): readonly SubscribedItem[] {
  const kept = change ? items : items.filter((item) => item.id !== itemId);
  return kept.map(({ id, productId, quantity, interval, once }) => {
    const line = { id, productId, quantity, ...(once || !interval ? { once: true } : { interval }) };
    return id === itemId ? { ...line, ...change } : line;
  });
}
