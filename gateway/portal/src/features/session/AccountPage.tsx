import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { useMe } from "@/permissions";
import { roleTitle } from "@/shell/UserMenu";
import { Time } from "@/time";
import { Columns, KeyValue, Page, Section } from "@/ui";

const at = (ms: number) => (ms > 0 ? new Date(ms).toISOString() : undefined);

/** Who the fleet thinks the person is, and until when. */
export function AccountPage() {
  const me = useMe();
  const { idleEnd, end } = useStore(session);
  return (
    <Page eyebrow="Account" title="My account">
      <Columns>
        <Section title="Identity">
          <KeyValue
            items={[
              ["Name", me.name],
              ["Roles", (me.roles ?? []).map(roleTitle).join(", ")],
              ["Agency", me.agency?.displayName ?? "None chosen"],
              [
                "Subject",
                <code key="s" className="font-mono text-xs break-all">
                  {me.subject}
                </code>,
              ],
            ]}
          />
        </Section>
        <Section title="This session">
          <KeyValue
            items={[
              ["Signed in", <Time key="a" value={me.authTime} />],
              ["Second factor", me.acr === "2" ? "Used" : "Not used"],
              ["Ends when idle", <Time key="i" value={at(idleEnd)} />],
              ["Ends at the latest", <Time key="e" value={at(end)} />],
            ]}
          />
        </Section>
        <Section title="What you may do" className="lg:col-span-2" note="Scopes that your roles grant">
          <ul className="flex flex-wrap gap-1.5">
            {(me.scopes ?? []).toSorted().map((scope) => (
              <li
                key={scope}
                className="rounded border border-line bg-raised px-1.5 py-0.5 font-mono text-xs text-muted"
              >
                {scope}
              </li>
            ))}
          </ul>
        </Section>
      </Columns>
    </Page>
  );
}
