import { Component, computed, input } from "@angular/core";

/** A rating of 0 to 5 as stars, with its words for screen readers; nothing where nobody rated. */
@Component({
  selector: "kb-stars",
  template: `
    @if (count() !== 0) {
      <span class="small">
        <span class="stars" aria-hidden="true">{{ drawn() }}</span>
        <span class="seen-by-readers">{{ rating() }} of 5 stars</span>
        @if (count(); as count) {
          <span class="quiet">({{ count }})</span>
        }
      </span>
    }
  `,
})
export class Stars {
  readonly rating = input.required<number>();
  /** How many rated; null where one person's rating shows. */
  readonly count = input<number | null>(null);
  protected readonly drawn = computed(() => {
    const full = Math.round(this.rating());
    return "★".repeat(full) + "☆".repeat(5 - full);
  });
}
