import { ClientLogo, Filled, Name } from "../language/fill.tsx";
import { PageTitle } from "./components.tsx";

export interface ClientTitleProps {
  readonly client: { readonly name: string; readonly logoUrl?: string };
  readonly user: { readonly name: string };
  /** A text with {client}. */
  readonly title: string;
  /** A text with {name}, the name of the user. */
  readonly signedInAs: string;
}

/** The head of a page about a client: its logo, its name, and who is signed in. */
export function ClientTitle({ client, user, title, signedInAs }: ClientTitleProps) {
  return (
    <PageTitle
      above={client.logoUrl && <ClientLogo url={client.logoUrl} />}
      lead={<Filled text={signedInAs} values={{ name: <Name>{user.name}</Name> }} />}
    >
      <Filled text={title} values={{ client: <bdi>{client.name}</bdi> }} />
    </PageTitle>
  );
}
