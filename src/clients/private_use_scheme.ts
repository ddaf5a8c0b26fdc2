/**
 * Schemes that a browser or an operating system opens by itself: what is sent there would run as code,
 * be read as a file, or reach a program that never asked for it. No application may take one of them.
 */
const taken: ReadonlySet<string> = new Set([
  ...["about", "blob", "cid", "data", "file", "filesystem", "jar", "javascript", "livescript"],
  ...["mhtml", "mid", "mocha", "vbscript", "view-source", "wyciwyg", "x-javascript"],
  ...["chrome", "chrome-extension", "devtools", "edge", "moz-extension", "opera", "resource"],
  ...["safari-extension", "safari-web-extension", "res", "ms-browser-extension"],
  ...["android-app", "content", "googlechrome", "intent", "itms", "itms-apps", "itms-services"],
  ...[
    "market",
    "microsoft-edge",
    "ms-appinstaller",
    "ms-msdt",
    "ms-settings",
    "search-ms",
    "shell",
  ],
  ...["callto", "facetime", "geo", "im", "mailto", "maps", "mms", "sip", "sips", "sms", "smsto"],
  ...["tel", "webcal", "xmpp"],
  ...["afp", "feed", "ftp", "ftps", "git", "gopher", "http", "https", "imap", "ldap", "ldaps"],
  ...["magnet", "news", "nfs", "nntp", "pop", "rtsp", "sftp", "smb", "ssh", "telnet", "urn", "vnc"],
  ...["web+ap", "ws", "wss"],
]);

/**
 * What is wrong with the scheme of a native client's redirect URI; null: nothing. RFC 8252 section 7.1
 * asks for a reverse domain name, which keeps two applications from taking one scheme. Applications
 * without one exist (`cursor://`, `vscode://`), and an operator who knows one can register it.
 */
export function privateUseSchemeProblem(text: string): string | null {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(text) ?? [];
  const name = scheme.toLowerCase();
  if (name !== scheme) return "must have a scheme in lower case";
  if (taken.has(name) || name.startsWith("ms-")) {
    return "must use a scheme of the application's own, not one that browsers or systems open";
  }
  if (name.includes(".")) return null;
  return rest.startsWith("//") && rest.length > 2
    ? null
    : "must use a scheme with a dot, as com.example.app, or have two slashes and a host after it";
}
