import { CanDeactivateFn } from "@angular/router";

/** A page on which something may be typed that is not saved yet. */
export interface Unsaved {
  /** Tell whether the page may be left; asks its reader when something would be lost. */
  mayLeave(): boolean | Promise<boolean>;
}

/** Leaves a page only when it may be left. */
export const asksBefore: CanDeactivateFn<Unsaved> = (page) => page.mayLeave();
