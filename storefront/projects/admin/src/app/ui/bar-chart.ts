import { Component, computed, input, signal } from "@angular/core";
import { MatButton } from "@angular/material/button";

/** A bar: what it stands for, how high it is, and how that is said. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly said: string;
}

/** Bars over time as SVG, with the same figures as a table for whoever prefers to read. */
@Component({
  selector: "kba-bar-chart",
  imports: [MatButton],
  template: `
    <div class="head">
      <h2>{{ title() }}</h2>
      <button mat-button type="button" [attr.aria-pressed]="asTable()" (click)="asTable.set(!asTable())">
        {{ asTable() ? "Show chart" : "Show table" }}<span class="visually-hidden"> of {{ title() }}</span>
      </button>
    </div>
    @if (asTable()) {
      <div class="scroll" tabindex="0" role="region" [attr.aria-label]="title() + ', table'">
        <table class="grid">
          <thead><tr><th scope="col">Time</th><th scope="col" class="num">{{ title() }}</th></tr></thead>
          <tbody>
            @for (bar of bars(); track $index) {
              <tr><td>{{ bar.label }}</td><td class="num">{{ bar.said }}</td></tr>
            }
          </tbody>
        </table>
      </div>
    } @else {
      <div class="plot">
        <span class="top quiet">{{ peak()?.said }}</span>
        <svg [attr.viewBox]="'0 0 ' + bars().length + ' 100'" preserveAspectRatio="none" role="img" [attr.aria-label]="summary()">
          @for (bar of bars(); track $index) {
            <rect [attr.x]="$index + 0.12" width="0.76" [attr.y]="100 - height(bar)" [attr.height]="height(bar)">
              <title>{{ bar.label }}: {{ bar.said }}</title>
            </rect>
          }
        </svg>
      </div>
      <div class="axis quiet" aria-hidden="true">
        <span>{{ bars()[0]?.label }}</span><span>{{ bars()[middle()]?.label }}</span><span>{{ bars()[bars().length - 1]?.label }}</span>
      </div>
    }
  `,
  styles: `
    .head, .axis { display: flex; justify-content: space-between; align-items: center; gap: 0.5rem; }
    .head h2 { margin: 0; }
    .axis { font-size: 0.75rem; margin-top: 0.25rem; }
    .plot { position: relative; padding-top: 1.125rem; }
    .top { position: absolute; top: 0; left: 0; font-size: 0.75rem; }
    svg { display: block; width: 100%; height: 9rem; border-bottom: 1px solid var(--line); border-top: 1px dashed var(--line); }
    rect { fill: var(--mat-sys-primary); }
    rect:hover { fill: var(--mat-sys-tertiary); }
    .scroll { max-height: 11rem; overflow: auto; }
  `,
})
export class BarChart {
  readonly title = input.required<string>();
  readonly bars = input.required<readonly Bar[]>();
  protected readonly asTable = signal(false);
  protected readonly middle = computed(() => Math.floor((this.bars().length - 1) / 2));
  protected readonly peak = computed(() =>
    this.bars().reduce<Bar | null>((highest, bar) => (highest && highest.value >= bar.value ? highest : bar), null),
  );
  protected readonly summary = computed(() => {
    const bars = this.bars();
    const peak = this.peak();
    if (!peak || peak.value === 0) return `${this.title()}: nothing yet.`;
    return `${this.title()} from ${bars[0]?.label} to ${bars[bars.length - 1]?.label}; at most ${peak.said} at ${peak.label}.`;
  });

  protected height(bar: Bar): number {
    const highest = this.peak()?.value ?? 0;
    return highest > 0 ? (bar.value / highest) * 100 : 0;
  }
}
