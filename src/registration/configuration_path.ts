/** Where a client manages its registration. @see RFC 7592 section 2 */
export const configurationPath = "/register/client";
