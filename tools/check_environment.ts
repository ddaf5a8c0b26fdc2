import { ConfigError } from "../src/config/config_error.ts";
import { assertKnown } from "../src/config/variables.ts";

/**
 * Refuses to go on if a variable is misspelt, such as LATCHKEY_ISUER. The tasks that start the server run
 * this first: it sees all variables and may do nothing else, while the server may read its
 * own variables alone and so could not find out.
 */
if (import.meta.main) {
  try {
    for (const [name, value] of Object.entries(Deno.env.toObject())) assertKnown(name, value);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
