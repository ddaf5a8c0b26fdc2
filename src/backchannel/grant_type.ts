/** @see CIBA Core section 10.1 */
export const cibaGrantType = "urn:openid:params:grant-type:ciba";
