import { Component, inject, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, AwaitedView, Problem } from "@kibble/shared";

import { Head } from "../core/head";
import { linkToken } from "../core/link-token";

/** Where the mail leads that asks a guest's address: once one says so, it waits for the product. */
@Component({
  selector: "kb-back-in-stock",
  imports: [RouterLink],
  template: `
    <div class="wide"><div class="narrow box stack">
      <h1>Back in stock</h1>
      <p role="status">{{ says() }}</p>
      @if (waiting(); as one) {
        <a class="button" [routerLink]="['/p', one.productId]">{{ one.productName }}</a>
      } @else if (token && !over()) {
        <button class="button" type="button" [disabled]="busy()" (click)="confirm()">Yes, tell me</button>
      } @else {
        <a class="button plain" routerLink="/">To the shop</a>
      }
    </div></div>
  `,
})
export class BackInStock {
  private readonly api = inject(Api);
  protected readonly token = linkToken();
  protected readonly waiting = signal<AwaitedView | null>(null);
  protected readonly busy = signal(false);
  /** Whether the link can do nothing (more). */
  protected readonly over = signal(false);
  protected readonly says = signal(
    this.token ? "Shall we write to you once it is back? We do so once, for half a year at most." : "This link is not complete. Open it from the mail once more.",
  );

  constructor() {
    inject(Head).tell({ title: "Back in stock" });
  }

  protected async confirm(): Promise<void> {
    this.busy.set(true);
    try {
      this.waiting.set(await this.api.post("/api/notifications/back-in-stock/confirm", { body: { token: this.token ?? "" } }));
      this.says.set("Thank you: we tell you when it is back.");
    } catch (thrown) {
      const problem = Problem.of(thrown);
      this.over.set(problem.code === "in-stock" || problem.status === 400 || problem.status === 404);
      this.says.set(problem.code === "in-stock" ? "It is back already." : problem.status === 400 ? "This link is too old. Ask once more on the page of the product." : problem.message);
    }
    this.busy.set(false);
  }
}
