import { Component, computed, inject, signal } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { MatButton } from "@angular/material/button";
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from "@angular/router";
import { Session } from "@kibble/shared";
import { filter, map } from "rxjs";

import { isUnproven, menuFor } from "./core/access";

/** The frame around every page: the menu of what its reader may open, and who is signed in. */
@Component({
  selector: "kba-root",
  imports: [MatButton, RouterLink, RouterLinkActive, RouterOutlet],
  template: `
    <a class="skip" href="#content" (click)="skip($event)">Skip to the content</a>
    @if ((menu().length || unproven()) && !plain()) {
      <header>
        <button mat-button type="button" class="toggle" aria-controls="menu" [attr.aria-expanded]="open()" (click)="open.set(!open())">Menu</button>
        <a class="brand" routerLink="/">Kibble <span>back office</span></a>
        <span class="grow"></span>
        <a class="who quiet" routerLink="/account">{{ who() || "Account" }}</a>
        <a mat-button href="/">Shop</a>
        <button mat-button type="button" (click)="signOut()">Sign out</button>
      </header>
      <div class="frame">
        <nav id="menu" aria-label="Back office" [class.open]="open()">
          @for (entry of menu(); track entry.path) {
            <a [routerLink]="['/', entry.path]" routerLinkActive="here" ariaCurrentWhenActive="page" (click)="open.set(false)">{{ entry.label }}</a>
          }
          <a class="own" routerLink="/account" routerLinkActive="here" ariaCurrentWhenActive="page" (click)="open.set(false)">Your account</a>
        </nav>
        <main id="content" tabindex="-1"><router-outlet /></main>
      </div>
    } @else {
      <main id="content" class="alone" tabindex="-1"><router-outlet /></main>
    }
  `,
  styles: `
    .skip { position: absolute; left: -100vw; top: 0; background: var(--panel); padding: 0.5rem 1rem; z-index: 10; }
    .skip:focus { left: 0; }
    header { display: flex; align-items: center; gap: 0.25rem; padding: 0.25rem 1rem; background: var(--panel); border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 5; min-height: 2.75rem; }
    .brand { font-weight: 700; color: inherit; text-decoration: none; padding: 0.25rem; }
    .brand span { font-weight: 400; color: var(--quiet); }
    .who { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .toggle, nav .own { display: none; }
    .frame { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); }
    nav { padding: 0.75rem 0.5rem; position: sticky; top: 3.25rem; align-self: start; display: grid; gap: 0.125rem; }
    nav a { padding: 0.4375rem 0.75rem; border-radius: 0.5rem; color: inherit; text-decoration: none; }
    nav a:hover { background: color-mix(in srgb, var(--mat-sys-primary) 8%, transparent); }
    nav a.here { background: color-mix(in srgb, var(--mat-sys-primary) 14%, transparent); font-weight: 600; }
    main { padding: 1.25rem 1.5rem 3rem; max-width: 90rem; min-width: 0; outline: none; }
    main.alone { margin: 0 auto; max-width: 26rem; }
    @media (max-width: 56rem) {
      .toggle { display: inline-block; margin-inline-start: -0.5rem; }
      .frame { grid-template-columns: minmax(0, 1fr); }
      nav { display: none; position: static; background: var(--panel); border-bottom: 1px solid var(--line); }
      nav .own { display: block; }
      nav.open { display: grid; grid-template-columns: 1fr 1fr; }
      main { padding: 1rem 1rem 3rem; }
      header { padding: 0.25rem 0.75rem; }
      .who, .brand span { display: none; }
    }
  `,
})
export class App {
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly url = toSignal(
    this.router.events.pipe(filter((event) => event instanceof NavigationEnd), map((event) => event.urlAfterRedirects)),
    { initialValue: "" },
  );
  protected readonly open = signal(false);
  protected readonly menu = computed(() => menuFor(this.session.current()?.scopes ?? []));
  protected readonly plain = computed(() => this.url().startsWith("/sign-in"));
  protected readonly unproven = computed(() => isUnproven(this.session.current()));
  protected readonly who = computed(() => this.session.current()?.name ?? this.session.current()?.username ?? "");

  protected skip(event: Event): void {
    event.preventDefault();
    document.getElementById("content")?.focus();
  }

  protected async signOut(): Promise<void> {
    await this.session.signOut().catch(() => undefined);
    await this.router.navigate(["/sign-in"]);
  }
}
