import { readdirSync, readFileSync } from "node:fs";

import { expect } from "@playwright/test";

import { FOLDER } from "./admin.setup";

/** Return the latest link to `path` that was mailed to an address, as a path of the shop. */
export async function linkTo(path: string, address: string): Promise<string> {
  const pattern = new RegExp(`${path}#token=[\\w.-]+`);
  let link: string | undefined;
  await expect(async () => {
    link = mails().filter((mail) => mail.includes(address)).map((mail) => pattern.exec(mail)?.[0]).findLast(Boolean);
    expect(link).toBeDefined();
  }).toPass({ timeout: 20_000 });
  return link!;
}

/** Return the mails in the order in which they were sent, without the line breaks of quoted-printable (RFC 2045, 6.7). */
function mails(): string[] {
  const folder = `${FOLDER}/outbox/email`;
  const read = (name: string) => readFileSync(`${folder}/${name}`, "utf8").replace(/=\r?\n/g, "").replaceAll("=3D", "=");
  const names = readdirSync(folder, { encoding: "utf8", recursive: true });
  return names.filter((name) => name.endsWith(".eml")).sort().map(read);
}
