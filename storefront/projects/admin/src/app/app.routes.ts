import { Routes } from "@angular/router";

import { firstPage, scoped, staffOnly } from "./core/access";
import { asksBefore } from "./core/unsaved";

/** Every page is loaded when it is first visited. */
export const routes: Routes = [
  { path: "sign-in", title: "Sign in", loadComponent: () => import("./sign-in/sign-in").then((m) => m.SignIn) },
  {
    path: "",
    canActivate: [staffOnly],
    children: [
      { path: "", pathMatch: "full", canActivate: [firstPage], children: [] },
      { path: "account", title: "Your account", loadComponent: () => import("./account/account").then((m) => m.Account) },
      { path: "dashboard", title: "Dashboard", canActivate: [scoped], loadComponent: () => import("./dashboard/dashboard").then((m) => m.Dashboard) },
      { path: "orders", title: "Orders", canActivate: [scoped], loadComponent: () => import("./orders/order-list").then((m) => m.OrderList) },
      { path: "orders/:orderId", title: "Order", canActivate: [scoped], loadComponent: () => import("./orders/order-detail").then((m) => m.OrderDetail) },
      { path: "packing", title: "Packing", canActivate: [scoped], loadComponent: () => import("./packing/packing").then((m) => m.Packing) },
      { path: "catalogue", title: "Catalogue", canActivate: [scoped], loadComponent: () => import("./catalogue/product-list").then((m) => m.ProductList) },
      { path: "catalogue/new", title: "New product", canActivate: [scoped], canDeactivate: [asksBefore], loadComponent: () => import("./catalogue/product-new").then((m) => m.ProductNew) },
      { path: "catalogue/:productId", title: "Product", canActivate: [scoped], canDeactivate: [asksBefore], loadComponent: () => import("./catalogue/product-edit").then((m) => m.ProductEdit) },
      { path: "import", title: "Import", canActivate: [scoped], loadComponent: () => import("./catalogue/import").then((m) => m.Import) },
      { path: "inventory", title: "Inventory", canActivate: [scoped], loadComponent: () => import("./inventory/stock-list").then((m) => m.StockList) },
      { path: "inventory/:productId", title: "Stock", canActivate: [scoped], loadComponent: () => import("./inventory/stock-detail").then((m) => m.StockDetail) },
      { path: "customers", title: "Customers", canActivate: [scoped], loadComponent: () => import("./customers/customer-list").then((m) => m.CustomerList) },
      { path: "customers/:customerId", title: "Customer", canActivate: [scoped], loadComponent: () => import("./customers/customer-detail").then((m) => m.CustomerDetail) },
      { path: "promotions", title: "Promotions", canActivate: [scoped], loadComponent: () => import("./promotions/promotions").then((m) => m.Promotions) },
      { path: "webhooks", title: "Webhooks", canActivate: [scoped], loadComponent: () => import("./webhooks/webhook-list").then((m) => m.WebhookList) },
      { path: "webhooks/:webhookId", title: "Webhook", canActivate: [scoped], loadComponent: () => import("./webhooks/webhook-detail").then((m) => m.WebhookDetail) },
      { path: "dead-letters", title: "Dead letters", canActivate: [scoped], loadComponent: () => import("./events/dead-letters").then((m) => m.DeadLetters) },
      { path: "staff", title: "Staff", canActivate: [scoped], loadComponent: () => import("./staff/staff").then((m) => m.Staff) },
      { path: "audit", title: "Audit", canActivate: [scoped], loadComponent: () => import("./audit/audit").then((m) => m.Audit) },
      { path: "settings", title: "Settings", canActivate: [scoped], loadComponent: () => import("./settings/settings").then((m) => m.SettingsPage) },
    ],
  },
  { path: "**", redirectTo: "" },
];
