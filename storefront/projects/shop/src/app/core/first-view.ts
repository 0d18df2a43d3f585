import { HttpHeaders, HttpInterceptorFn, HttpResponse } from "@angular/common/http";
import { DOCUMENT, inject, Injectable } from "@angular/core";
import { from } from "rxjs";

import { aPause } from "./pause";

/** An answer of the API; `link` is its Link header, which tells where the next page of a list is. */
interface Answer {
  readonly body: unknown;
  readonly link?: string;
}

const SEARCH = 'input[type="search"]';
const FILTERS = "main details";

/**
 * What the server put into the page: a first view that shows before any script has run, and the API's answers that it
 * was made from. Each answer is used once, so that what changes is asked for again.
 */
@Injectable({ providedIn: "root" })
export class FirstView {
  private readonly document = inject(DOCUMENT);
  private readonly answers = this.read();

  /** Take the answer to a GET of `url`, if the page brought one. */
  take(url: string): Answer | undefined {
    const found = this.answers.get(url);
    this.answers.delete(url);
    return found;
  }

  /** Show the application in place of the first view; a search that somebody has begun to type goes on, and filters that were opened are open. */
  giveWay(): void {
    const view = this.document.getElementById("first-view");
    if (!view) return;
    const typed = view.querySelector<HTMLInputElement>(SEARCH);
    const isTyping = typed !== null && typed === this.document.activeElement;
    const filters = view.querySelector<HTMLDetailsElement>(FILTERS);
    view.remove();
    if (filters?.open) this.document.querySelector(FILTERS)?.setAttribute("open", "");
    const field = this.document.querySelector<HTMLInputElement>(SEARCH);
    if (field && typed?.value) field.value = typed.value;
    if (isTyping) field?.focus();
  }

  private read(): Map<string, Answer> {
    const text = this.document.getElementById("first-answers")?.textContent;
    return new Map(text ? Object.entries(JSON.parse(text) as Record<string, Answer>) : []);
  }
}

/** Answers reads from what the page brought along; in a task of its own, so that what is drawn of it lengthens no other. */
export const firstViewInterceptor: HttpInterceptorFn = (request, next) => {
  if (request.method !== "GET") return next(request);
  const url = request.urlWithParams;
  const answer = inject(FirstView).take(url);
  if (!answer) return next(request);
  const headers = answer.link ? new HttpHeaders({ Link: answer.link }) : new HttpHeaders();
  const response = new HttpResponse({ status: 200, body: answer.body, url, headers });
  return from(aPause().then(() => response));
};
