import { inject } from "@angular/core";
import { CanActivateFn, Router, Routes } from "@angular/router";
import { Session } from "@kibble/shared";

/** Sends those who have not signed in to do so, and back again. */
const signedIn: CanActivateFn = async (_, state) => {
  const session = inject(Session);
  const router = inject(Router);
  const view = await session.load();
  return view.signedIn || router.createUrlTree(["/sign-in"], { queryParams: { return: state.url } });
};

/** Sends those who have signed in to their account's orders. */
const guest: CanActivateFn = async () => {
  const session = inject(Session);
  const router = inject(Router);
  const view = await session.load();
  return !view.signedIn || router.createUrlTree(["/account/orders"]);
};

/** The pages of an account, and those that lead to one. */
export const routes: Routes = [
  { path: "sign-in", loadComponent: () => import("./sign-in").then((module) => module.SignIn) },
  { path: "register", loadComponent: () => import("./register").then((module) => module.Register) },
  { path: "reset-password", loadComponent: () => import("./reset-password").then((module) => module.ResetPassword) },
  { path: "verify-email", loadComponent: () => import("./verify-email").then((module) => module.VerifyEmail) },
  { path: "back-in-stock", loadComponent: () => import("./back-in-stock").then((module) => module.BackInStock) },
  { path: "unsubscribe", loadComponent: () => import("./unsubscribe").then((module) => module.Unsubscribe) },
  { path: "orders", canActivate: [guest], loadComponent: () => import("../order/guest-orders").then((module) => module.GuestOrdersPage) },
  { path: "autoship", pathMatch: "full", redirectTo: "account/autoship" },
  { path: "autoship/:subscriptionId", redirectTo: "account/autoship/:subscriptionId" },
  {
    path: "account",
    canActivate: [signedIn],
    loadComponent: () => import("./account").then((module) => module.Account),
    children: [
      { path: "", pathMatch: "full", redirectTo: "orders" },
      { path: "orders", loadComponent: () => import("./orders").then((module) => module.Orders) },
      { path: "inbox", loadComponent: () => import("./inbox").then((module) => module.Inbox) },
      { path: "autoship", loadComponent: () => import("../autoship/list").then((module) => module.Autoships) },
      { path: "autoship/new", loadComponent: () => import("../autoship/start").then((module) => module.StartAutoship) },
      { path: "autoship/:subscriptionId", loadComponent: () => import("../autoship/detail").then((module) => module.AutoshipPage) },
      { path: "profile", loadComponent: () => import("./profile").then((module) => module.Profile) },
      { path: "payment", loadComponent: () => import("./payment").then((module) => module.PaymentPage) },
      { path: "addresses", loadComponent: () => import("./addresses").then((module) => module.Addresses) },
      { path: "pets", loadComponent: () => import("./pets").then((module) => module.Pets) },
      { path: "notifications", loadComponent: () => import("./preferences").then((module) => module.Preferences) },
      { path: "security", loadComponent: () => import("../security/security").then((module) => module.Security) },
      { path: "privacy", loadComponent: () => import("./privacy").then((module) => module.Privacy) },
    ],
  },
];
