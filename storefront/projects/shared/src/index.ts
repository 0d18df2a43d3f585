/** What the shop and the back office share. */
export * from "./api/api";
export * from "./api/problem";
export type * from "./api/schema";
export type { SessionView as DeviceView } from "./api/schema";
export * from "./money/money";
export * from "./orders/number";
export { type Credentials, GUEST, Session, type SessionView } from "./session/session";
export * from "./session/passkeys";
export * from "./session/session.interceptor";
