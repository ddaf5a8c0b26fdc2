/** A user's device, in well-known names; null: not known. */
export interface Device {
  readonly browser: string | null;
  readonly system: string | null;
}

/** Reads devices from `User-Agent` headers; the list of browsers is loaded at first use. */
export async function deviceReader(): Promise<(userAgent: string | null) => Device> {
  const { default: Bowser } = await import("bowser");
  // For an unknown browser the parser returns the header's text, and a header can hold any sentence.
  const known = (name: string | undefined, names: Readonly<Record<string, string>>) =>
    Object.values(names).find((one) => one === name) ?? null;
  return (userAgent) => {
    if (userAgent === null || userAgent === "") return { browser: null, system: null };
    const { browser, os } = Bowser.parse(userAgent.slice(0, 512));
    return {
      browser: known(browser.name, Bowser.BROWSER_MAP),
      system: known(os.name, Bowser.OS_MAP),
    };
  };
}
