import { Routes } from "@angular/router";

/** Every page is loaded when it is first visited. */
export const routes: Routes = [
  { path: "", loadComponent: () => import("./home/home").then((module) => module.Home) },
  { path: "**", redirectTo: "" },
];
