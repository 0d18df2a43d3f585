import type { Routes } from "@angular/router";

/** Every page is loaded when it is first visited. */
export const routes: Routes = [
  { path: "", pathMatch: "full", loadComponent: () => import("./home/home").then((module) => module.Home) },
  { path: "c/:category", loadComponent: () => import("./listing/listing").then((module) => module.Listing) },
  { path: "search", loadComponent: () => import("./listing/listing").then((module) => module.Listing) },
  { path: "p/:productId", loadComponent: () => import("./product/product").then((module) => module.ProductDetail) },
  { path: "p/:productId/:name", loadComponent: () => import("./product/product").then((module) => module.ProductDetail) },
  { path: "cart", loadComponent: () => import("./cart/cart.page").then((module) => module.CartPage) },
  { path: "checkout", loadComponent: () => import("./checkout/checkout").then((module) => module.CheckoutPage) },
  { path: "checkout/return", loadComponent: () => import("./checkout/return").then((module) => module.ReturnPage) },
  { path: "orders/:orderId", loadComponent: () => import("./order/order").then((module) => module.OrderPage) },
  { path: "", loadChildren: () => import("./account/account.routes").then((module) => module.routes) },
  { path: "**", loadComponent: () => import("./home/missing").then((module) => module.Missing) },
];

/** Return what loads the page at `path`; nothing for the account's pages, whose own table is loaded first. */
export function pageAt(path: string): (() => unknown) | undefined {
  const parts = path.split("/").filter(Boolean);
  const found = routes.find((route) => route.loadComponent && fits((route.path ?? "").split("/").filter(Boolean), parts));
  return found?.loadComponent as (() => unknown) | undefined;
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  return pattern.length === parts.length && pattern.every((one, index) => one.startsWith(":") || one === parts[index]);
}
