import { Problem } from "@kibble/shared";

/** What became of a change of many things: how many were changed, and why each other was not. */
export interface Outcome {
  readonly changed: number;
  readonly refused: readonly string[];
}

/**
 * Change things one after another, telling how far it is; what is refused stops nothing. `name` names a thing to its reader.
 *
 * Each change has an idempotency key of its own: one whose answer was lost is sent once more under it, and so done once.
 */
export async function changeEach<T>(
  things: readonly T[],
  name: (thing: T) => string,
  change: (thing: T, idempotencyKey: string) => Promise<unknown>,
  progress: (text: string) => void,
): Promise<Outcome> {
  const refused: string[] = [];
  for (const [index, thing] of things.entries()) {
    progress(`${index + 1} of ${things.length}`);
    const key = crypto.randomUUID();
    await change(thing, key)
      .catch((thrown: unknown) => (Problem.of(thrown).passing ? change(thing, key) : Promise.reject(thrown)))
      .catch((thrown: unknown) => refused.push(`${name(thing)}: ${explain(Problem.of(thrown))}`));
  }
  return { changed: things.length - refused.length, refused };
}

/** Return an outcome as a sentence about so many `things`. */
export function outcomeOf({ changed, refused }: Outcome, things: string): string {
  return `${changed} ${things} changed${refused.length ? `, ${refused.length} refused` : ""}.`;
}

function explain(problem: Problem): string {
  const details = problem.errors.map((error) => `${error.pointer.slice(1)} ${error.detail}`).join("; ");
  return details || problem.message;
}
