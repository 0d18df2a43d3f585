import { inject } from "@angular/core";
import { CanActivateFn, Router } from "@angular/router";
import { Session, SessionView } from "@kibble/shared";

/** An entry of the menu: the page, and the scopes of which its reader needs one. */
export interface Entry {
  readonly path: string;
  readonly label: string;
  readonly scopes: readonly string[];
}

/** The menu, in its order. */
export const MENU: readonly Entry[] = [
  { path: "dashboard", label: "Dashboard", scopes: ["orders:read"] },
  { path: "orders", label: "Orders", scopes: ["orders:read"] },
  { path: "packing", label: "Packing", scopes: ["shipping:write"] },
  { path: "catalogue", label: "Catalogue", scopes: ["catalog:write"] },
  { path: "import", label: "Import", scopes: ["catalog:write"] },
  { path: "inventory", label: "Inventory", scopes: ["inventory:write"] },
  { path: "customers", label: "Customers", scopes: ["customers:read"] },
  { path: "promotions", label: "Promotions", scopes: ["orders:read"] },
  { path: "webhooks", label: "Webhooks", scopes: ["webhooks:admin"] },
  { path: "dead-letters", label: "Dead letters", scopes: ["events:admin"] },
  { path: "staff", label: "Staff", scopes: ["staff:admin"] },
  { path: "audit", label: "Audit", scopes: ["audit:read"] },
  { path: "settings", label: "Settings", scopes: ["events:admin"] },
];

/** What the gateway tells of the account behind a session; `accountId` is missing for tokens of the command line. */
export interface AccountBehind {
  readonly accountId?: string | null;
  readonly mustChangePassword?: boolean;
}

/** Return the account behind a session; a token of the command line has no roles, and no account. */
export function accountOf(session: SessionView | null): AccountBehind {
  return session && session.roles.length > 0 ? (session as AccountBehind) : {};
}

/** Tell whether a session is staff's that may do nothing yet but set up its password and second factor. */
export function isUnproven(session: SessionView | null): boolean {
  return (session?.signedIn ?? false) && session!.roles.some((role) => role !== "customer") && menuFor(session!.scopes).length === 0;
}

/** Return the entries that somebody with these scopes may open. */
export function menuFor(scopes: readonly string[]): readonly Entry[] {
  return MENU.filter((entry) => entry.scopes.some((scope) => scopes.includes(scope)));
}

/** Tell whether a session may do what needs `scope`. */
export function may(session: SessionView | null, scope: string): boolean {
  return session?.scopes.includes(scope) ?? false;
}

/** Lets in whoever has signed in and may open something; others sign in first. */
export const staffOnly: CanActivateFn = async (_, state) => {
  const router = inject(Router);
  const session = await inject(Session).load();
  if (isUnproven(session)) return state.url.startsWith("/account") || router.createUrlTree(["/account"]);
  return menuFor(session.scopes).length > 0 || router.createUrlTree(["/sign-in"], { queryParams: { return: state.url } });
};

/** Lets in whoever has one of the scopes of the menu's entry that the route begins with. */
export const scoped: CanActivateFn = async (route) => {
  const router = inject(Router);
  const session = await inject(Session).load();
  const open = menuFor(session.scopes);
  const path = route.routeConfig?.path?.split("/")[0] ?? "";
  return open.some((entry) => entry.path === path) || router.createUrlTree([open[0]?.path ?? "sign-in"]);
};

/** Sends the empty path to the first page that its reader may open. */
export const firstPage: CanActivateFn = async () => {
  const router = inject(Router);
  const session = await inject(Session).load();
  return router.createUrlTree([menuFor(session.scopes)[0]?.path ?? "sign-in"]);
};
