import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Message } from "../../api/client.ts";
import { providersQuery } from "../../api/queries.ts";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Empty, Loading, More, Problem } from "../../ui/states.tsx";
import { Booking } from "./Booking.tsx";
import { Registered } from "./Registered.tsx";

export function Find() {
  return <Registered>{(me) => <Licensed state={me.state ?? ""} />}</Registered>;
}

const licensedIn = (p: Message<"Provider">, state: string) => p.licenses?.some((l) => l.state === state) ?? false;

function Licensed({ state }: { state: string }) {
  const query = useInfiniteQuery(providersQuery());
  const [chosen, choose] = useState<string>();
  const found = (query.data?.pages.flatMap((p) => p.providers ?? []) ?? []).filter((p) => licensedIn(p, state));
  return (
    <Page title="Find a provider" lead={`Clinicians who are licensed in ${state}, where you are.`}>
      {query.isPending ? <Loading /> : null}
      <Problem error={query.error} again={() => void query.refetch()} />
      {query.data && found.length === 0 ? (
        <Card title="Nobody yet">
          <Empty>No provider is licensed in {state} at the moment. If you are in another state, change that in your details.</Empty>
        </Card>
      ) : null}
      {found.map((p) => (
        <Card key={p.providerId} title={p.displayName ?? ""} aside={<Badge>{p.specialty}</Badge>}>
          <p className="soft">
            Visits of {p.slotMinutes} minutes · licensed in {p.licenses?.map((l) => l.state).join(", ")}
          </p>
          {chosen === p.providerId ? (
            <Booking provider={p} />
          ) : (
            <div>
              <button type="button" className="button main" onClick={() => choose(p.providerId)}>
                See open times <span className="unseen">of {p.displayName}</span>
              </button>
            </div>
          )}
        </Card>
      ))}
      <More query={query} />
    </Page>
  );
}
