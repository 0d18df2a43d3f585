import { Component, inject } from "@angular/core";

import { Head } from "../core/head";
import { AskProof } from "./ask-proof";
import { Devices } from "./devices";
import { Passkeys } from "./passkeys";
import { ChangePassword } from "./password";
import { SecondFactor } from "./second-factor";

/** What guards an account: its passkeys, password and second factor, and where one is signed in. */
@Component({
  selector: "kb-security",
  imports: [AskProof, ChangePassword, Devices, Passkeys, SecondFactor],
  template: `
    <h1>Security</h1>
    <div class="stack part">
      <kb-ask-proof />
      <kb-passkeys />
      <kb-second-factor />
      <kb-change-password />
      <kb-devices />
    </div>
  `,
  styles: `
    .part { margin-top: 1rem; max-width: 40rem; }
    .part > * { display: block; }
    .part > :empty { display: none; }
  `,
})
export class Security {
  constructor() {
    inject(Head).tell({ title: "Security" });
  }
}
