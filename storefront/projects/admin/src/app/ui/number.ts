/**
 * What a field for numbers takes, as the pattern of an input. Anything else must not get as far as the API: as JSON it would be
 * null, and no amount of a refund means all of it.
 */
export const NUMBER = String.raw`\s*-?(\d+\.?\d*|\.\d+)\s*`;

/** What a field for whole numbers takes. */
export const WHOLE_NUMBER = String.raw`\s*-?\d+\s*`;
