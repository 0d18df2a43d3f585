import { inject, Injectable } from "@angular/core";

import { Api } from "../api/api";
import { Problem } from "../api/problem";
import { Assertion, PasskeyAddedView } from "../api/schema";
import { Session, SessionView } from "./session";

const SIGNATURES = [-7, -8, -257];
const TIMEOUT_MS = 300_000;

/** Passkeys of this browser's devices (WebAuthn). Every method throws a `Problem`, `passkey-dismissed` when nobody unlocks one. */
@Injectable({ providedIn: "root" })
export class Passkeys {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  /** Whether the browser knows passkeys, here. */
  readonly offered = typeof PublicKeyCredential !== "undefined";

  /** Sign in with a passkey of this shop, whosever it is. */
  async signIn(): Promise<SessionView> {
    return this.session.signInByPasskey(await this.sign());
  }

  /** Have a device make a passkey for an account, called `name`. */
  async add(customerId: string, name: string): Promise<PasskeyAddedView> {
    const path = { customerId };
    const asked = await this.api.post("/api/customers/{customerId}/factors/passkeys/challenge", { path });
    const made = await unlocked(() =>
      navigator.credentials.create({
        publicKey: {
          challenge: bytes(asked.challenge),
          rp: { id: asked.rpId, name: asked.rpName },
          user: { id: new TextEncoder().encode(asked.accountId), name: asked.username, displayName: asked.name },
          pubKeyCredParams: SIGNATURES.map((alg) => ({ type: "public-key", alg })),
          excludeCredentials: asked.known.map((id) => ({ type: "public-key", id: bytes(id) })),
          authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
          attestation: "none",
          timeout: TIMEOUT_MS,
        },
      }),
    );
    const answer = made.response as AuthenticatorAttestationResponse;
    const body = {
      name,
      credentialId: made.id,
      clientData: text(answer.clientDataJSON),
      authenticatorData: text(answer.getAuthenticatorData()),
      publicKey: text(answer.getPublicKey() ?? new ArrayBuffer(0)),
    };
    return this.api.post("/api/customers/{customerId}/factors/passkeys", { path, body });
  }

  /** Have a device sign that its holder is here: what signs in, or does in place of a code. */
  async sign(): Promise<Assertion> {
    const asked = await this.session.passkeyChallenge();
    const used = await unlocked(() =>
      navigator.credentials.get({ publicKey: { challenge: bytes(asked.challenge), rpId: asked.rpId, userVerification: "required", timeout: TIMEOUT_MS } }),
    );
    const answer = used.response as AuthenticatorAssertionResponse;
    return {
      credentialId: used.id,
      accountId: new TextDecoder().decode(answer.userHandle ?? new ArrayBuffer(0)),
      clientData: text(answer.clientDataJSON),
      authenticatorData: text(answer.authenticatorData),
      signature: text(answer.signature),
    };
  }
}

async function unlocked(ceremony: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    return (await ceremony()) as PublicKeyCredential;
  } catch (thrown) {
    if ((thrown as DOMException).name === "InvalidStateError") throw new Problem(400, "passkey-known", "This device already has a passkey of yours.");
    throw new Problem(400, "passkey-dismissed", "No passkey was used.");
  }
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}

function text(content: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(content))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
