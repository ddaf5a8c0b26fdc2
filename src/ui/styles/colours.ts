/** The colours, named by their use. Tests check their contrast in both colour schemes. */
export const colours = `
:root{
color-scheme:light dark;
--ground:#e9efeb;--surface:#fff;--sunk:#f2f6f3;--ink:#14211b;--muted:#4c5b53;--line:#d2dcd5;
--edge:#6f7f76;--accent:#1b5641;--accent-strong:#103a2b;--on-accent:#fff;--focus:#8a5a00;
--brass:#9a6a06;--danger:#a3232a;--danger-sunk:#fdf1f0;--door:#1b5641;--key:#f0c35a;
--jwt-0:#8a4a00;--jwt-1:#1b5641;--jwt-2:#3f4c9a;
}
@media screen and (prefers-color-scheme:dark){
:root{
--ground:#0b120f;--surface:#141e19;--sunk:#0e1612;--ink:#e8efeb;--muted:#a5b5ac;--line:#2b3932;
--edge:#77897f;--accent:#8fd4b4;--accent-strong:#b5e8d0;--on-accent:#06241a;--focus:#f0c35a;
--brass:#e0b250;--danger:#ffb0aa;--danger-sunk:#2e1718;--door:#24704f;--key:#f6d488;
--jwt-0:#f0b878;--jwt-1:#8fd4b4;--jwt-2:#b3bdf5;
}
}
@media (prefers-contrast:more){:root{--muted:var(--ink);--edge:var(--ink);--line:var(--edge)}}
`;
