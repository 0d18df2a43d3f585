import { afterNextRender, ApplicationRef, Component, ElementRef, inject, Injector, signal, viewChild } from "@angular/core";
import { NavigationEnd, Router, RouterOutlet } from "@angular/router";
import { Session } from "@kibble/shared";
import { filter } from "rxjs";

import { FirstView } from "./core/first-view";
import { aPause } from "./core/pause";
import { Footer } from "./frame/footer";
import { Header } from "./frame/header";
import { ToastList } from "./frame/toast-list";

/** How long the first view stays while the page waits for answers; after that its gaps show. */
const MOST_MS = 1500;

/** The frame around every page. */
@Component({
  selector: "kb-root",
  imports: [RouterOutlet, Header, Footer, ToastList],
  template: `
    <a class="skip" href="#main" (click)="skip($event)">To the content</a>
    @if (stage() !== "bare") {
      <kb-header />
    }
    <main #main id="main" tabindex="-1"><router-outlet /></main>
    @if (stage() === "whole") {
      <kb-footer />
      <kb-toasts />
    }
  `,
})
export class App {
  /** How far the frame around the page is drawn: a part at a time, so that no task is long on a phone. */
  protected readonly stage = signal<"bare" | "headed" | "whole">("bare");
  private readonly main = viewChild.required<ElementRef<HTMLElement>>("main");

  constructor() {
    const router = inject(Router);
    const injector = inject(Injector);
    const firstView = inject(FirstView);
    const application = inject(ApplicationRef);
    const session = inject(Session);
    let path = "";
    router.events.pipe(filter((event) => event instanceof NavigationEnd)).subscribe((event) => {
      const next = event.urlAfterRedirects.split(/[?#]/)[0] ?? "";
      const moved = path !== "" && next !== path;
      afterNextRender({ write: () => this.arrive(moved) }, { injector });
      if (path === "") void this.show(application, firstView);
      path = next;
    });
    whenIdle(() => void session.load());
  }

  protected skip(event: Event): void {
    event.preventDefault();
    this.main().nativeElement.focus();
  }

  /** Draw the frame once the page is drawn, then take the first view's place, whose own frame shows until then. */
  private async show(application: ApplicationRef, firstView: FirstView): Promise<void> {
    await drawn(application);
    for (const stage of ["headed", "whole"] as const) {
      this.stage.set(stage);
      await drawn(application);
    }
    await aPause();
    firstView.giveWay();
  }

  /** A new page begins at its content for those who do not see it change. */
  private arrive(moved: boolean): void {
    if (moved) this.main().nativeElement.focus({ preventScroll: true });
  }
}

/** Resolves when all that the page has asked for is there and drawn, and after `MOST_MS` at the latest. */
function drawn(application: ApplicationRef): Promise<void> {
  return Promise.race([application.whenStable(), new Promise<void>((done) => setTimeout(done, MOST_MS))]);
}

function whenIdle(work: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 2000 });
  else setTimeout(work, 200);
}
