import { Pipe, PipeTransform } from "@angular/core";

const formats = new Map<string, Intl.NumberFormat>();

/** Return an amount as the shop writes it: `formatMoney(12.5, "USD")` is "$12.50". */
export function formatMoney(amount: number, currency = "USD"): string {
  return currency === "USD" ? dollars(amount) : foreign(amount, currency);
}

/** Dollars are written without `Intl`, whose first use costs a phone as much as a row of products. */
function dollars(amount: number): string {
  const [whole = "", cents] = Math.abs(amount).toFixed(2).split(".");
  return `${amount < 0 ? "-" : ""}$${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
}

function foreign(amount: number, currency: string): string {
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat("en-US", { style: "currency", currency });
    formats.set(currency, format);
  }
  return format.format(amount);
}

/** Return an amount in minor units, where sums are exact. */
export function toCents(amount: number): number {
  return Math.round(amount * 100);
}

/** Return minor units as an amount. */
export function fromCents(cents: number): number {
  return cents / 100;
}

/** `{{ product.price | money }}` and `{{ total | money: "EUR" }}`. */
@Pipe({ name: "money" })
export class MoneyPipe implements PipeTransform {
  /** Return the amount as text; an empty text for none. */
  transform(amount: number | null | undefined, currency = "USD"): string {
    return amount === null || amount === undefined ? "" : formatMoney(amount, currency);
  }
}
