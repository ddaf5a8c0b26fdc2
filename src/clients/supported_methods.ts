import {
  type ClientAuthenticationMethod,
  clientAuthenticationMethods,
} from "../../stores/clients.ts";
import { certificateMethods } from "../config/certificate_settings.ts";
import type { Config } from "../config/config.ts";

/** The methods that work with the server's settings. */
export function supportedMethods(
  { clientCertificates }: Pick<Config, "clientCertificates">,
): readonly ClientAuthenticationMethod[] {
  const byCertificate: readonly string[] = certificateMethods(clientCertificates);
  return clientAuthenticationMethods.filter((method) =>
    !method.endsWith("tls_client_auth") || byCertificate.includes(method)
  );
}
