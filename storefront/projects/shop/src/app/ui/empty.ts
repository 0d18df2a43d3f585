import { Component } from "@angular/core";

/** A page or a part of one with nothing in it: a bowl, and what to do next as its content. */
@Component({
  selector: "kb-empty",
  template: `
    <div class="empty">
      <svg viewBox="0 0 96 64" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" aria-hidden="true">
        <path d="M10 34h76l-7 22a4 4 0 0 1-4 3H21a4 4 0 0 1-4-3Z" />
        <path d="M22 34c4-9 14-14 26-14s22 5 26 14" stroke-dasharray="1 8" />
        <path d="M37 47c0-3 3-5 5-3 2-2 5 0 5 3 0 2-3 4-5 6-2-2-5-4-5-6Z" />
      </svg>
      <ng-content />
    </div>
  `,
})
export class Empty {}
