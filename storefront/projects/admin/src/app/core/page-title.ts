import { inject, Injectable } from "@angular/core";
import { Title } from "@angular/platform-browser";
import { RouterStateSnapshot, TitleStrategy } from "@angular/router";

/** Names the window after the page. */
@Injectable({ providedIn: "root" })
export class PageTitle extends TitleStrategy {
  private readonly title = inject(Title);

  /** Set the window's title from the route's. */
  override updateTitle(snapshot: RouterStateSnapshot): void {
    const page = this.buildTitle(snapshot);
    this.title.setTitle(page ? `${page} · Kibble back office` : "Kibble back office");
  }
}
