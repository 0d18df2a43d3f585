import { Component } from "@angular/core";

/** The first page of the shop. */
@Component({ selector: "kb-home", template: `<h1>Kibble</h1>` })
export class Home {}
