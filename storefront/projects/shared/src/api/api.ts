import { HttpClient, HttpHeaders, HttpResourceRequest, HttpResponse } from "@angular/common/http";
import { inject, Injectable } from "@angular/core";
import { firstValueFrom, Observable } from "rxjs";

import { Problem } from "./problem";
import { DeletePaths, GetPaths, PatchPaths, PostPaths, PutPaths } from "./schema";

interface Row {
  readonly path: object | undefined;
  readonly query: object | undefined;
  readonly body: unknown;
  readonly answer: unknown;
}

type Given<R extends Row> = (R["path"] extends undefined ? { path?: undefined } : { path: R["path"] }) &
  (R["query"] extends undefined ? { query?: undefined } : { query?: Loose<R["query"]> }) &
  (R["body"] extends undefined ? { body?: undefined } : { body: R["body"] });

/** Queries may have parameters that the document cannot name (`attr.NAME`). */
type Loose<Q> = Q & Readonly<Record<string, string | number | boolean | undefined>>;

/** What a request may have beside its parameters. */
export interface Extras {
  /** Makes a repeated write answer as the first did (see the Idempotency-Key header). */
  readonly idempotencyKey?: string;
  /** A bearer token in place of the session's cookie: a guest's, for one order. */
  readonly token?: string;
}

type Options<R extends Row> = Given<R> & Extras;
type Args<R extends Row> = Record<never, never> extends Options<R> ? [options?: Options<R>] : [options: Options<R>];

/** A page of a list, and where the next one is; null after the last. */
export interface Paged<T> {
  readonly items: T;
  readonly cursor: string | null;
}

/** The methods of writes that are done once under one key, however often they are sent. */
const REPEATABLE: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

interface Plain {
  path?: object;
  query?: object;
  body?: unknown;
  idempotencyKey?: string;
  token?: string;
}

/**
 * The API, typed by its own document: the paths are the document's, and so are the types of what goes in and out.
 *
 * Every call throws a `Problem` when the answer is no, or when there is none.
 */
@Injectable({ providedIn: "root" })
export class Api {
  private readonly http = inject(HttpClient);

  /** Return the request of a read, for `httpResource`. */
  static read<P extends keyof GetPaths & string>(path: P, ...[options]: Args<GetPaths[P]>): HttpResourceRequest {
    const plain: Plain = options ?? {};
    return { url: address(path, plain), headers: headers(plain) };
  }

  /** GET. */
  get<P extends keyof GetPaths & string>(path: P, ...[options]: Args<GetPaths[P]>): Promise<GetPaths[P]["answer"]> {
    return this.send("GET", path, options);
  }

  /** GET a list, with the cursor of its next page. */
  async page<P extends keyof GetPaths & string>(
    path: P,
    ...[options]: Args<GetPaths[P]>
  ): Promise<Paged<GetPaths[P]["answer"]>> {
    const response = await this.respond<GetPaths[P]["answer"]>("GET", path, options ?? {});
    return { items: response.body as GetPaths[P]["answer"], cursor: nextCursor(response.headers.get("Link")) };
  }

  /** POST. */
  post<P extends keyof PostPaths & string>(path: P, ...[options]: Args<PostPaths[P]>): Promise<PostPaths[P]["answer"]> {
    return this.send("POST", path, options);
  }

  /** PUT. */
  put<P extends keyof PutPaths & string>(path: P, ...[options]: Args<PutPaths[P]>): Promise<PutPaths[P]["answer"]> {
    return this.send("PUT", path, options);
  }

  /** PATCH. */
  patch<P extends keyof PatchPaths & string>(
    path: P,
    ...[options]: Args<PatchPaths[P]>
  ): Promise<PatchPaths[P]["answer"]> {
    return this.send("PATCH", path, options);
  }

  /** DELETE. */
  delete<P extends keyof DeletePaths & string>(
    path: P,
    ...[options]: Args<DeletePaths[P]>
  ): Promise<DeletePaths[P]["answer"]> {
    return this.send("DELETE", path, options);
  }

  private async send<T>(method: string, path: string, options: Plain = {}): Promise<T> {
    return (await this.respond<T>(method, path, options)).body as T;
  }

  /** Send a request; a write always has a key, and one whose answer was lost goes out once more under it, unless the caller has plans of its own. */
  private async respond<T>(method: string, path: string, options: Plain): Promise<HttpResponse<T>> {
    if (options.idempotencyKey || !REPEATABLE.has(method)) return this.request(method, path, options);
    const keyed = { ...options, idempotencyKey: crypto.randomUUID() };
    try {
      return await this.request(method, path, keyed);
    } catch (thrown) {
      if (Problem.of(thrown).status !== 0 || !navigator.onLine) throw thrown;
      return this.request(method, path, keyed);
    }
  }

  private async request<T>(method: string, path: string, options: Plain): Promise<HttpResponse<T>> {
    const asked: Observable<HttpResponse<T>> = this.http.request<T>(method, address(path, options), {
      body: options.body ?? null,
      headers: new HttpHeaders(headers(options)),
      observe: "response",
    });
    try {
      return await firstValueFrom(asked);
    } catch (thrown) {
      throw Problem.of(thrown);
    }
  }
}

/** Return the address of a request: its path with the parameters filled in, and its query. */
export function address(path: string, options: { path?: object; query?: object }): string {
  const values = Object.entries(options.path ?? {});
  const filled = values.reduce((url, [name, value]) => url.replace(`{${name}}`, encodeURIComponent(String(value))), path);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${filled}?${text}` : filled;
}

function headers(options: Plain): Record<string, string> {
  const found: Record<string, string> = {};
  if (options.idempotencyKey) found["Idempotency-Key"] = options.idempotencyKey;
  if (options.token) found["Authorization"] = `Bearer ${options.token}`;
  return found;
}

/** Return the cursor in a Link header's rel="next" (RFC 8288), or null. */
export function nextCursor(link: string | null): string | null {
  const target = /<([^>]+)>;\s*rel="next"/.exec(link ?? "")?.[1];
  return target ? new URL(target, "http://shop").searchParams.get("cursor") : null;
}
