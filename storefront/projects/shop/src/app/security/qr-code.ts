import { Component, computed, input } from "@angular/core";

import { path, qr } from "./qr";

const QUIET = 8;

/** A text as a QR code, dark on white in both themes: readers take no other. Nothing for a text that is too long. */
@Component({
  selector: "kb-qr-code",
  template: `
    @if (modules(); as modules) {
      <svg [attr.viewBox]="box()" role="img" [attr.aria-label]="label()" shape-rendering="crispEdges"><path [attr.d]="drawn()" /></svg>
    }
  `,
  styles: `svg { display: block; width: min(100%, 14rem); background: #fff; fill: #000; border-radius: var(--radius-small); }`,
})
export class QrCode {
  readonly text = input.required<string>();
  readonly label = input.required<string>();
  protected readonly modules = computed(() => qr(this.text()));
  protected readonly drawn = computed(() => path(this.modules() ?? []));
  protected readonly box = computed(() => {
    const side = (this.modules()?.length ?? 0) + QUIET;
    return `0 0 ${side} ${side}`;
  });
}
