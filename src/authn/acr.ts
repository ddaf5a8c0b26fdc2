/** Authentication Context Class References, from the weakest on. */
export const acrValues = ["urn:latchkey:acr:1fa"] as const;
export type Acr = (typeof acrValues)[number];

/** A password, or anything else that one person can do alone with one thing. */
export const singleFactor: Acr = "urn:latchkey:acr:1fa";
