import { Component, inject, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, Problem } from "@kibble/shared";

import { Head } from "../core/head";
import { linkToken } from "../core/link-token";

/** Where the link in the mail leads: it proves the address. */
@Component({
  selector: "kb-verify-email",
  imports: [RouterLink],
  template: `
    <div class="wide"><div class="narrow box stack">
      <h1>Your e-mail address</h1>
      <p role="status">{{ says() }}</p>
      <a class="button" routerLink="/account">To your account</a>
    </div></div>
  `,
})
export class VerifyEmail {
  private readonly api = inject(Api);
  protected readonly says = signal("One moment…");

  constructor() {
    inject(Head).tell({ title: "Your e-mail address" });
    const token = linkToken();
    void this.prove(token);
  }

  private async prove(token: string | null): Promise<void> {
    if (!token) {
      this.says.set("This link is not complete. Open it from the mail once more.");
      return;
    }
    try {
      await this.api.post("/api/customers/verify-email", { body: { token } });
      this.says.set("Thank you: it is proven.");
    } catch (thrown) {
      this.says.set(Problem.of(thrown).message);
    }
  }
}
