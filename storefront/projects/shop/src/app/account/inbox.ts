import { Component, inject } from "@angular/core";
import { RouterLink } from "@angular/router";

import { Head } from "../core/head";
import { day } from "../core/place";
import { Empty } from "../ui/empty";
import { Inboxes } from "./inboxes";

/** What the shop has to say; new messages come by themselves. */
@Component({
  selector: "kb-inbox",
  imports: [RouterLink, Empty],
  template: `
    <h1>Inbox</h1>
    <div aria-live="polite">
      @for (message of inboxes.messages() ?? []; track message.id) {
        <article class="box stack-2 message" [class.read]="message.read">
          <div class="spread"><h2>{{ message.title }}</h2><span class="small quiet">{{ dayOf(message.createdAt) }}</span></div>
          <p>{{ message.body }}</p>
          <div class="row">
            @if (message.link; as link) {
              <a [routerLink]="local(link)" (click)="inboxes.mark(message)">See it</a>
            }
            @if (!message.read) {
              <button class="link" type="button" (click)="inboxes.mark(message)">Mark as read</button>
            }
          </div>
        </article>
      } @empty {
        @if (inboxes.messages()) {
          <kb-empty><h2>Nothing new</h2><p class="quiet">When an order moves, you read it here first.</p></kb-empty>
        }
      }
    </div>
  `,
  styles: `
    .message { margin-top: 1rem; }
    .message h2 { font-size: 1.1rem; }
    .read h2 { color: var(--ink-soft); }
  `,
})
export class Inbox {
  protected readonly inboxes = inject(Inboxes);
  protected readonly dayOf = day;

  constructor() {
    inject(Head).tell({ title: "Inbox" });
  }

  protected local(link: string): string {
    return link.replace(/^https?:\/\/[^/]+/, "") || "/";
  }
}
