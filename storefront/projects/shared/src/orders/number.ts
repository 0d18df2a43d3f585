/** Return the number by which people name an order: the last characters of its id. */
export function orderNumber(id: string): string {
  return `#${id.slice(-12)}`;
}
