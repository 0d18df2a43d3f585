import { NgOptimizedImage } from "@angular/common";
import { Component, computed, input, linkedSignal } from "@angular/core";

/** The pictures of a product: one large, the others to choose from. */
@Component({
  selector: "kb-gallery",
  host: { class: "gallery" },
  imports: [NgOptimizedImage],
  template: `
    <div class="frame">
      @if (large(); as image) {
        <img [ngSrc]="image" fill priority sizes="(max-width: 864px) 92vw, 580px" ngSrcset="400w, 800w" [alt]="name()" />
      }
    </div>
    @if (images().length > 1) {
      <div class="thumbs" role="group" aria-label="Pictures">
        @for (image of images(); track image; let index = $index) {
          <button type="button" [attr.aria-pressed]="index === at()" [attr.aria-label]="'Picture ' + (index + 1)" (click)="at.set(index)">
            <img [ngSrc]="image" width="72" height="72" sizes="72px" ngSrcset="200w" alt="" />
          </button>
        }
      </div>
    }
  `,
})
export class Gallery {
  readonly images = input.required<readonly string[]>();
  readonly name = input.required<string>();
  protected readonly at = linkedSignal({ source: () => this.images()[0], computation: () => 0 });
  protected readonly large = computed(() => this.images()[this.at()]);
}
