import { JsonPipe } from "@angular/common";
import { HttpClient, httpResource } from "@angular/common/http";
import { Component, computed, effect, inject, input, linkedSignal, untracked } from "@angular/core";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatFormField, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { MatProgressBar } from "@angular/material/progress-bar";
import { Router, RouterLink } from "@angular/router";
import { address, nextCursor, Problem } from "@kibble/shared";
import { firstValueFrom } from "rxjs";

import { PagedList } from "../core/paged-list";
import { beginningOf, dayOf } from "../ui/period";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";

/** An entry of the audit log: who did what to what, and what it changed. */
interface AuditEntry {
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly roles: readonly string[];
  readonly address: string;
  readonly requestId: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly status: number;
  readonly before: unknown;
  readonly after: unknown;
}

/** Whether the log is whole. */
interface Verification {
  readonly holds: boolean;
  readonly entries: number;
  readonly problem: string | null;
}

/** Who changed what, newest first; and whether nobody tampered with the log. */
@Component({
  selector: "kba-audit",
  imports: [FormsModule, JsonPipe, MatButton, MatFormField, MatInput, MatLabel, MatProgressBar, RouterLink, State, Trouble, WhenPipe],
  template: `
    <div class="page-head"><h1>Audit</h1><span class="grow"></span>
      @if (whole.hasValue()) {
        <span [class]="whole.value().holds ? 'good' : 'bad'" role="status">{{ whole.value().holds ? "The log is whole: " + whole.value().entries + " entries" : whole.value().problem }}</span>
      }
    </div>
    <form class="panel tools" role="search" (ngSubmit)="search()">
      <mat-form-field><mat-label>Who</mat-label><input matInput name="actor" [(ngModel)]="who" autocomplete="off" /></mat-form-field>
      <mat-form-field><mat-label>What was done</mat-label><input matInput name="action" [(ngModel)]="what" autocomplete="off" /></mat-form-field>
      <mat-form-field class="long"><mat-label>To what</mat-label><input matInput name="target" [(ngModel)]="which" autocomplete="off" /></mat-form-field>
      <mat-form-field><mat-label>From</mat-label><input matInput type="date" name="since" [(ngModel)]="from" /></mat-form-field>
      <mat-form-field><mat-label>Before</mat-label><input matInput type="date" name="until" [(ngModel)]="to" /></mat-form-field>
      <button mat-flat-button type="submit">Search</button>
      <a mat-button routerLink="/audit">Clear</a>
    </form>
    <kba-trouble [of]="list.problem()" (again)="list.reload()" />
    @if (list.loading()) { <mat-progress-bar mode="indeterminate" aria-label="Loading" /> }
    <section class="panel" aria-label="Entries">
      <table class="grid stacks">
        <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">To</th><th scope="col">Outcome</th><th scope="col">Changes</th></tr></thead>
        <tbody>
          @for (entry of list.items(); track entry.sequence) {
            <tr>
              <td class="word" data-label="When">{{ entry.at | when: "seconds" }}</td>
              <td class="word" data-label="Who">{{ entry.actor }}<div class="quiet">{{ entry.roles.join(", ") }} {{ entry.address }}</div></td>
              <td class="word" data-label="What">{{ entry.action }}</td>
              <td class="mono">{{ entry.target }}</td>
              <td data-label="Outcome"><kba-state [of]="entry.outcome" /><span class="quiet"> {{ entry.status || "" }}</span></td>
              <td>
                @if (entry.before || entry.after) {
                  <details><summary>Show<span class="visually-hidden"> what entry {{ entry.sequence }} changed</span></summary><pre tabindex="0">{{ { before: entry.before, after: entry.after } | json }}</pre></details>
                }
              </td>
            </tr>
          }
        </tbody>
      </table>
      @if (!list.loading() && !list.items().length) { <p class="empty">Nothing like that was done.</p> }
      @if (list.cursor()) { <button mat-button type="button" [disabled]="list.loading()" (click)="list.more()">Show more</button> }
    </section>
  `,
  styles: `
    pre { max-width: 26rem; max-height: 16rem; overflow: auto; font-size: 0.75rem; background: var(--ground); padding: 0.5rem; margin: 0.25rem 0; }
    summary { cursor: pointer; }
  `,
})
export class Audit {
  readonly actor = input<string>();
  readonly action = input<string>();
  readonly target = input<string>();
  readonly since = input<string>();
  readonly until = input<string>();
  protected readonly who = linkedSignal(() => this.actor() ?? "");
  protected readonly what = linkedSignal(() => this.action() ?? "");
  protected readonly which = linkedSignal(() => this.target() ?? "");
  protected readonly from = linkedSignal(() => dayOf(this.since()));
  protected readonly to = linkedSignal(() => dayOf(this.until()));
  private readonly http = inject(HttpClient);
  private readonly router = inject(Router);
  protected readonly whole = httpResource<Verification>(() => "/api/audit/verification");
  private readonly query = computed(() => ({ actor: this.actor(), action: this.action(), target: this.target(), since: this.since(), until: this.until() }));
  protected readonly list = new PagedList<AuditEntry>(async (cursor) => {
    const url = address("/api/audit", { query: { ...this.query(), limit: 50, cursor } });
    try {
      const answer = await firstValueFrom(this.http.get<AuditEntry[]>(url, { observe: "response" }));
      return { items: answer.body ?? [], cursor: nextCursor(answer.headers.get("Link")) };
    } catch (thrown) {
      throw Problem.of(thrown);
    }
  });

  constructor() {
    effect(() => {
      this.query();
      untracked(() => void this.list.reload());
    });
  }

  protected search(): void {
    const queryParams = {
      actor: this.who().trim() || null,
      action: this.what().trim() || null,
      target: this.which().trim() || null,
      since: beginningOf(this.from()),
      until: beginningOf(this.to()),
    };
    void this.router.navigate(["/audit"], { queryParams });
  }
}
