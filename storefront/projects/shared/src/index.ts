/** What the shop and the back office share. */
export * from "./api/api";
export * from "./api/problem";
export type * from "./api/schema";
export * from "./money/money";
export * from "./session/session";
export * from "./session/session.interceptor";
