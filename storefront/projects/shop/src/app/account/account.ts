import { Component, inject } from "@angular/core";
import { Router, RouterLink, RouterLinkActive, RouterOutlet } from "@angular/router";
import { Session } from "@kibble/shared";

import { Inboxes } from "./inboxes";

/** The frame of the account's pages. */
@Component({
  selector: "kb-account",
  imports: [RouterLink, RouterLinkActive, RouterOutlet],
  template: `
    <div class="wide account">
      <nav aria-label="Your account">
        <ul>
          @for (page of pages; track page[0]) {
            <li>
              <a [routerLink]="['/account', page[0]]" routerLinkActive="on" ariaCurrentWhenActive="page">
                {{ page[1] }}
                @if (page[0] === "inbox" && inboxes.unread() > 0) {
                  <span class="tag good">{{ inboxes.unread() }} <span class="seen-by-readers">unread</span></span>
                }
              </a>
            </li>
          }
          <li><button class="link" type="button" (click)="leave()">Sign out</button></li>
        </ul>
      </nav>
      <div><router-outlet /></div>
    </div>
  `,
  styles: `
    .link { margin: 0; min-height: 2.6rem; padding: 0 0.9rem; white-space: nowrap; }
    .tag { margin-left: 0.4rem; }
  `,
})
export class Account {
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  protected readonly inboxes = inject(Inboxes);
  protected readonly pages = [
    ["orders", "Orders"],
    ["autoship", "Autoship"],
    ["inbox", "Inbox"],
    ["profile", "Profile"],
    ["payment", "Payment"],
    ["addresses", "Addresses"],
    ["pets", "Pets"],
    ["notifications", "Notifications"],
    ["security", "Security"],
    ["privacy", "Your data"],
  ] as const;

  protected async leave(): Promise<void> {
    await this.session.signOut();
    await this.router.navigate(["/"]);
  }
}
