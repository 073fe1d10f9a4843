import { useMe } from "@/permissions";
import { Page } from "@/ui";

export function AgencyHomePage() {
  const me = useMe();
  return (
    <Page eyebrow="Overview" title={me.agency?.displayName ?? "Home"}>
      <p className="text-muted">Signed in as {me.name}.</p>
    </Page>
  );
}
