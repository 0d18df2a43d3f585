import { HttpErrorResponse } from "@angular/common/http";

/** What is wrong with one field; `pointer` is a JSON Pointer into the body (RFC 6901). */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

const SIGNED_OUT = "Please sign in again. Do it in another tab, and what is typed here stays.";
const SIGNED_OUT_CODES: ReadonlySet<string> = new Set(["unauthenticated", "token-expired", "token-revoked", "session-ended"]);

/**
 * An answer that says no (RFC 9457), or that there was none: then `status` is 0 and `code` is "offline".
 *
 * `code` is stable and meant for programs, `message` for people; `details` has what a code brings with it.
 */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: readonly FieldProblem[] = [],
    readonly details: Readonly<Record<string, unknown>> = {},
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }

  /** Whether the same request may succeed later, without a change. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }

  /** Return what is wrong with the field at `pointer`, or null. */
  at(pointer: string): string | null {
    return this.errors.find((error) => error.pointer === pointer)?.detail ?? null;
  }

  /** Make a problem of whatever was thrown. */
  static of(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown;
    if (!(thrown instanceof HttpErrorResponse)) return new Problem(500, "unexpected", String(thrown));
    if (thrown.status === 0) return new Problem(0, "offline", "The shop cannot be reached.");
    const told = body(thrown.error);
    const after = Number(thrown.headers.get("Retry-After"));
    return new Problem(
      thrown.status,
      String(told["code"] ?? "unexpected"),
      isSignedOut(thrown, String(told["code"])) ? SIGNED_OUT : String(told["detail"] ?? "Something went wrong."),
      (told["errors"] as FieldProblem[] | undefined) ?? [],
      told,
      Number.isFinite(after) && after > 0 ? after : null,
    );
  }
}

/** Whether nobody is signed in (any more); a sign-in that fails says so itself. */
function isSignedOut({ url }: HttpErrorResponse, code: string): boolean {
  return SIGNED_OUT_CODES.has(code) && !(url ?? "").includes("/session");
}

function body(error: unknown): Record<string, unknown> {
  return typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {};
}
