import { Routes } from "@angular/router";

/** Every page is loaded when it is first visited. */
export const routes: Routes = [
  { path: "", loadComponent: () => import("./dashboard/dashboard").then((module) => module.Dashboard) },
  { path: "**", redirectTo: "" },
];
