import { Component } from "@angular/core";
import { MatToolbar } from "@angular/material/toolbar";
import { RouterOutlet } from "@angular/router";

/** The frame around every page. */
@Component({
  selector: "kba-root",
  imports: [MatToolbar, RouterOutlet],
  template: `
    <mat-toolbar>Kibble back office</mat-toolbar>
    <main><router-outlet /></main>
  `,
})
export class App {}
