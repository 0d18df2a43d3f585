import { TestBed } from "@angular/core/testing";
import { Problem, Session } from "@kibble/shared";

import { Proof } from "./proof";

class SessionOfSam {
  readonly passwords: string[] = [];
  readonly current = () => ({ username: "sam" });

  signIn(credentials: { password: string }): Promise<void> {
    this.passwords.push(credentials.password);
    return credentials.password === "right" ? Promise.resolve() : Promise.reject(new Problem(401, "wrong-credentials", "No."));
  }
}

/** Work that the shop does only after a new proof. */
class Guarded {
  tries = 0;

  constructor(private readonly refusal = "reauthentication-required") {}

  readonly work = (): Promise<string> => {
    this.tries += 1;
    return this.tries > 1 ? Promise.resolve("done") : Promise.reject(new Problem(403, this.refusal, "Prove it."));
  };
}

describe("what guards an account", () => {
  let proof: Proof;
  beforeEach(() => {
    TestBed.configureTestingModule({ providers: [{ provide: Session, useClass: SessionOfSam }] });
    proof = TestBed.inject(Proof);
  });

  it("is done after the password was given again", async () => {
    const doing = proof.run(new Guarded().work);
    await Promise.resolve().then(() => undefined);
    expect(proof.asking()).toBe(true);
    await proof.prove("right", "");
    expect(await doing).toBe("done");
    expect(proof.asking()).toBe(false);
  });

  it("goes on asking after a wrong password", async () => {
    const doing = proof.run(new Guarded().work);
    await Promise.resolve().then(() => undefined);
    await expect(proof.prove("wrong", "")).rejects.toThrow("No.");
    expect(proof.asking()).toBe(true);
    await proof.prove("right", "");
    expect(await doing).toBe("done");
  });

  it("is not done when nobody proves anything", async () => {
    const guarded = new Guarded();
    const doing = proof.run(guarded.work);
    await Promise.resolve().then(() => undefined);
    proof.dismiss();
    await expect(doing).rejects.toThrow("Prove it.");
    expect(guarded.tries).toBe(1);
  });

  it("asks for nothing when it fails for another reason", async () => {
    await expect(proof.run(new Guarded("not-yours").work)).rejects.toThrow("Prove it.");
    expect(proof.asking()).toBe(false);
  });
});
