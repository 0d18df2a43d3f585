import type { Type } from "@angular/core";
import type { Routes } from "@angular/router";

import { aPause } from "./core/pause";

/** Every page is loaded when it is first visited. */
export const routes: Routes = [
  { path: "", pathMatch: "full", loadComponent: () => import("./home/home").then((module) => drawn(module.Home)) },
  { path: "c/:category", loadComponent: () => import("./listing/listing").then((module) => drawn(module.Listing)) },
  { path: "search", loadComponent: () => import("./listing/listing").then((module) => drawn(module.Listing)) },
  { path: "p/:productId", loadComponent: () => import("./product/product").then((module) => drawn(module.ProductDetail)) },
  { path: "p/:productId/:name", loadComponent: () => import("./product/product").then((module) => drawn(module.ProductDetail)) },
  { path: "cart", loadComponent: () => import("./cart/cart.page").then((module) => drawn(module.CartPage)) },
  { path: "checkout", loadComponent: () => import("./checkout/checkout").then((module) => drawn(module.CheckoutPage)) },
  { path: "checkout/return", loadComponent: () => import("./checkout/return").then((module) => drawn(module.ReturnPage)) },
  { path: "orders/:orderId", loadComponent: () => import("./order/order").then((module) => drawn(module.OrderPage)) },
  { path: "", loadChildren: () => import("./account/account.routes").then((module) => module.routes) },
  { path: "**", loadComponent: () => import("./home/missing").then((module) => drawn(module.Missing)) },
];

/** Return what loads the page at `path`; nothing for the account's pages, whose own table is loaded first. */
export function pageAt(path: string): (() => unknown) | undefined {
  const parts = path.split("/").filter(Boolean);
  const found = routes.find((route) => route.loadComponent && fits((route.path ?? "").split("/").filter(Boolean), parts));
  return found?.loadComponent as (() => unknown) | undefined;
}

/** Draw a page in a task of its own, not in the one that found its way there. */
function drawn<T>(page: Type<T>): Promise<Type<T>> {
  return aPause().then(() => page);
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  return pattern.length === parts.length && pattern.every((one, index) => one.startsWith(":") || one === parts[index]);
}
