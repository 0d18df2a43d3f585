import { HttpErrorResponse, HttpInterceptorFn, HttpRequest } from "@angular/common/http";
import { inject, Injector } from "@angular/core";
import { catchError, from, switchMap, throwError } from "rxjs";

import { Session } from "./session";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Marks writes as the page's own (`X-Kibble`), which other sites cannot, and has an expired session renewed once
 * before a request is given up.
 */
export const sessionInterceptor: HttpInterceptorFn = (request, next) => {
  const injector = inject(Injector);
  const marked = SAFE.has(request.method) ? request : request.clone({ setHeaders: { "X-Kibble": "1" } });
  return next(marked).pipe(
    catchError((error: unknown) => {
      if (!expired(error, marked)) return throwError(() => error);
      return from(injector.get(Session).renew()).pipe(
        switchMap((renewed) => (renewed ? next(marked) : throwError(() => error))),
      );
    }),
  );
};

function expired(error: unknown, request: HttpRequest<unknown>): boolean {
  if (!(error instanceof HttpErrorResponse) || error.status !== 401) return false;
  if (request.url.startsWith("/session") || request.headers.has("Authorization")) return false;
  return (error.error as { code?: string } | null)?.code === "token-expired";
}
