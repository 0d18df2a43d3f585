import { Component, inject } from "@angular/core";
import { RouterLink } from "@angular/router";

import { Head } from "../core/head";
import { Empty } from "../ui/empty";

/** The page of an address that leads nowhere. */
@Component({
  selector: "kb-missing",
  imports: [RouterLink, Empty],
  template: `
    <kb-empty>
      <h1>This page has run off</h1>
      <p class="quiet">The address leads nowhere. The search finds what is there.</p>
      <a class="button" routerLink="/">To the first page</a>
    </kb-empty>
  `,
})
export class Missing {
  constructor() {
    inject(Head).tell({ title: "Not found" });
  }
}
