import { afterNextRender, Component, ElementRef, inject, Injector, viewChild } from "@angular/core";
import { NavigationEnd, Router, RouterOutlet } from "@angular/router";
import { Session } from "@kibble/shared";
import { filter } from "rxjs";

import { FirstView } from "./core/first-view";
import { Footer } from "./frame/footer";
import { Header } from "./frame/header";
import { ToastList } from "./frame/toast-list";

/** The frame around every page. */
@Component({
  selector: "kb-root",
  imports: [RouterOutlet, Header, Footer, ToastList],
  template: `
    <a class="skip" href="#main" (click)="skip($event)">To the content</a>
    <kb-header />
    <main #main id="main" tabindex="-1"><router-outlet /></main>
    <kb-footer />
    <kb-toasts />
  `,
})
export class App {
  private readonly main = viewChild.required<ElementRef<HTMLElement>>("main");

  constructor() {
    const router = inject(Router);
    const injector = inject(Injector);
    const firstView = inject(FirstView);
    const session = inject(Session);
    let path = "";
    router.events.pipe(filter((event) => event instanceof NavigationEnd)).subscribe((event) => {
      const next = event.urlAfterRedirects.split(/[?#]/)[0] ?? "";
      afterNextRender({ write: () => this.arrive(path !== "" && next !== path, firstView) }, { injector });
      path = next;
    });
    whenIdle(() => void session.load());
  }

  protected skip(event: Event): void {
    event.preventDefault();
    this.main().nativeElement.focus();
  }

  /** A new page begins at its content for those who do not see it change. */
  private arrive(moved: boolean, firstView: FirstView): void {
    firstView.giveWay();
    if (moved) this.main().nativeElement.focus({ preventScroll: true });
  }
}

function whenIdle(work: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 2000 });
  else setTimeout(work, 200);
}
