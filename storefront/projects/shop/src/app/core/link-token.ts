import { DOCUMENT, inject } from "@angular/core";

/** Return the token of the link that a mail led here by; it stands where no server and no log sees it. Call it while something is made. */
export function linkToken(): string | null {
  return new URLSearchParams(inject(DOCUMENT).location.hash.slice(1)).get("token");
}
