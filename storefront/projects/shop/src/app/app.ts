import { Component } from "@angular/core";
import { RouterOutlet } from "@angular/router";

/** The frame around every page. */
@Component({ selector: "kb-root", imports: [RouterOutlet], template: `<main><router-outlet /></main>` })
export class App {}
