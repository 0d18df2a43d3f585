import { CategoryView } from "@kibble/shared";

/** Return a price changed by a per cent, rounded to cents, half up. */
export function repriced(price: number, percent: number): number {
  const cents = Math.round(price * 100);
  return Math.floor((cents * (10_000 + Math.round(percent * 100)) + 5_000) / 10_000) / 100;
}

/** Return a tree's categories in its order, each with how deep it stands. */
export function flatten(tree: readonly CategoryView[], depth = 0): readonly { readonly name: string; readonly depth: number }[] {
  return tree.flatMap((category) => [{ name: category.name, depth }, ...flatten(category.children, depth + 1)]);
}
