import { inject, Injectable, signal } from "@angular/core";
import { Problem, Session } from "@kibble/shared";

const ASKED = "reauthentication-required";

/** What guards an account is touched only by who has just proven to be its owner: asks for that where the shop wants it. */
@Injectable({ providedIn: "root" })
export class Proof {
  private readonly session = inject(Session);
  private answer: ((proven: boolean) => void) | null = null;
  private readonly asked = signal(false);
  /** Whether the password is asked for now. */
  readonly asking = this.asked.asReadonly();

  /** Do something, once more after a proof when one is wanted; throws the `Problem` of it, also when nobody proves anything. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      const problem = Problem.of(thrown);
      if (problem.code !== ASKED || !(await this.ask())) throw problem;
      return work();
    }
  }

  /** Prove it by signing in again; throws a `Problem`, and the question stays. */
  async prove(password: string, code: string): Promise<void> {
    const username = this.session.current()?.username ?? "";
    await this.session.signIn({ username, password, code: code || undefined });
    this.close(true);
  }

  /** Go on: whoever was asked has signed in again in another way. */
  proven(): void {
    this.close(true);
  }

  /** Leave the question unanswered. */
  dismiss(): void {
    this.close(false);
  }

  private ask(): Promise<boolean> {
    this.close(false);
    this.asked.set(true);
    return new Promise((resolve) => (this.answer = resolve));
  }

  private close(proven: boolean): void {
    this.asked.set(false);
    this.answer?.(proven);
    this.answer = null;
  }
}
