import { DOCUMENT, inject, Injectable } from "@angular/core";
import { Meta, Title } from "@angular/platform-browser";

/** What a page says of itself in its head. */
export interface About {
  readonly title: string;
  readonly description?: string;
  /** The page's one address, when it has several. */
  readonly canonical?: string;
}

/** Keeps title, description and canonical address true while the visitor moves on. */
@Injectable({ providedIn: "root" })
export class Head {
  private readonly title = inject(Title);
  private readonly meta = inject(Meta);
  private readonly document = inject(DOCUMENT);

  /** Say what the page is about. */
  tell(about: About): void {
    this.title.setTitle(about.title === "Kibble" ? "Kibble: food and things for animals" : `${about.title} | Kibble`);
    this.meta.updateTag({ name: "description", content: about.description ?? "Food and things for animals." });
    this.document.head.querySelector('link[rel="canonical"]')?.remove();
    if (!about.canonical) return;
    const link = this.document.createElement("link");
    link.rel = "canonical";
    link.href = new URL(about.canonical, this.document.location.origin).href;
    this.document.head.append(link);
  }
}
