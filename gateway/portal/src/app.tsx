import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { agencyChoice, type AgencyChoice } from "@/api";
import { session } from "@/api/session";
import type { makeRouter } from "./router";

/** What one agency's pages have read must not be seen while another is worked for, nor after signing out. */
export function forgetWhenLeaving(client: QueryClient): () => void {
  let before: AgencyChoice = agencyChoice.get();
  const offAgency = agencyChoice.subscribe(() => {
    const now = agencyChoice.get();
    if (now.agencyId === before.agencyId && now.reason === before.reason) return;
    before = now;
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
    void client.invalidateQueries({ queryKey: ["me"] });
  });
  const offSession = session.subscribe(() => {
    if (session.get().ended) client.clear();
  });
  return () => {
    offAgency();
    offSession();
  };
}

export function App({ client, router }: { client: QueryClient; router: ReturnType<typeof makeRouter> }) {
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
