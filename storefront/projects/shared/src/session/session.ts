import { HttpClient } from "@angular/common/http";
import { computed, inject, Injectable, signal } from "@angular/core";
import { firstValueFrom } from "rxjs";

import { Problem } from "../api/problem";
import type { Assertion, PasskeyChallenge } from "../api/schema";

/** Who is looking, as the gateway tells it. Tokens are in cookies that no script can read. */
export interface SessionView {
  readonly signedIn: boolean;
  readonly customerId?: string | null;
  readonly username?: string | null;
  readonly name?: string | null;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly secondFactor: boolean;
}

/** A guest's session. */
export const GUEST: SessionView = { signedIn: false, roles: [], scopes: [], secondFactor: false };

/** What somebody signs in with; `code` is of the second factor, or a recovery code, `passkey` does in its place. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly code?: string;
  readonly passkey?: Assertion;
}

/** The session of this browser. `current` is null until the gateway has told. */
@Injectable({ providedIn: "root" })
export class Session {
  private readonly http = inject(HttpClient);
  private readonly view = signal<SessionView | null>(null);
  private loading: Promise<SessionView> | null = null;
  private renewing: Promise<boolean> | null = null;

  /** Who is looking; null while that is not known. */
  readonly current = this.view.asReadonly();
  /** Whether somebody has signed in; false while that is not known. */
  readonly signedIn = computed(() => this.view()?.signedIn ?? false);
  /** The customer who has signed in, or null: staff is none. */
  readonly customerId = computed(() => this.view()?.customerId ?? null);

  /** Return who is looking, asking the gateway once a page. */
  load(): Promise<SessionView> {
    this.loading ??= this.ask();
    return this.loading;
  }

  /**
   * Open a session; throws a `Problem` with code `wrong-credentials`, `second-factor-required` (send again, with
   * `code`), or status 429.
   */
  signIn(credentials: Credentials): Promise<SessionView> {
    return this.open("/session", credentials);
  }

  /** Exchange a token of the command line for a session; throws a `Problem`. */
  signInByToken(token: string): Promise<SessionView> {
    return this.open("/session/token", { token });
  }

  /** Open a session with what a passkey signed; throws a `Problem`. */
  signInByPasskey(assertion: Assertion): Promise<SessionView> {
    return this.open("/session/passkey", assertion);
  }

  /** Return what a passkey is to sign; throws a `Problem`. */
  async passkeyChallenge(): Promise<PasskeyChallenge> {
    try {
      return await firstValueFrom(this.http.post<PasskeyChallenge>("/session/passkey/challenge", null));
    } catch (thrown) {
      throw Problem.of(thrown);
    }
  }

  /** End the session, here and in the gateway's cookies. */
  async signOut(): Promise<void> {
    try {
      await firstValueFrom(this.http.delete("/session"));
    } catch (thrown) {
      throw Problem.of(thrown);
    } finally {
      this.accept(GUEST);
    }
  }

  /** Have the cookies renewed, once for all who ask at the same time; false when the session has ended. */
  renew(): Promise<boolean> {
    this.renewing ??= this.exchange().finally(() => (this.renewing = null));
    return this.renewing;
  }

  private async exchange(): Promise<boolean> {
    try {
      this.accept(await firstValueFrom(this.http.post<SessionView>("/session/renew", {})));
      return true;
    } catch (thrown) {
      if (Problem.of(thrown).status === 401) this.accept(GUEST);
      return false;
    }
  }

  private async open(path: string, body: object): Promise<SessionView> {
    try {
      return this.accept(await firstValueFrom(this.http.post<SessionView>(path, body)));
    } catch (thrown) {
      throw Problem.of(thrown);
    }
  }

  private async ask(): Promise<SessionView> {
    try {
      return this.accept(await firstValueFrom(this.http.get<SessionView>("/session")));
    } catch {
      this.loading = null;
      return this.accept(GUEST);
    }
  }

  private accept(view: SessionView): SessionView {
    this.view.set(view);
    this.loading = Promise.resolve(view);
    return view;
  }
}
