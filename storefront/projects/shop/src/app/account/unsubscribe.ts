import { Component, inject, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, Problem } from "@kibble/shared";

import { Head } from "../core/head";
import { linkToken } from "../core/link-token";

/** Where the last link of a mail leads: it ends such mails, once one says so. */
@Component({
  selector: "kb-unsubscribe",
  imports: [RouterLink],
  template: `
    <div class="wide"><div class="narrow box stack">
      <h1>No more such e-mails</h1>
      <p role="status">{{ says() }}</p>
      @if (token && !done()) {
        <button class="button" type="button" (click)="end()">End them</button>
      }
      <a class="small" routerLink="/account/notifications">All that we tell you, and where</a>
    </div></div>
  `,
})
export class Unsubscribe {
  private readonly api = inject(Api);
  protected readonly token = linkToken();
  protected readonly done = signal(false);
  protected readonly says = signal(
    this.token ? "We send you no more e-mails like the one that you come from. The inbox of an account still shows them." : "This link is not complete. Open it from the mail once more.",
  );

  constructor() {
    inject(Head).tell({ title: "No more such e-mails" });
  }

  protected async end(): Promise<void> {
    const body = new FormData();
    body.set("List-Unsubscribe", "One-Click");
    try {
      await this.api.post("/api/notifications/unsubscribe", { query: { token: this.token ?? "" }, body });
      this.done.set(true);
      this.says.set("Done: no more of them.");
    } catch (thrown) {
      const problem = Problem.of(thrown);
      this.says.set(problem.status === 400 ? "This link is too old. With an account, sign in and choose what we tell you." : problem.message);
    }
  }
}
