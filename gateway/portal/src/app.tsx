import { focusManager, QueryClientProvider, type QueryClient } from "@tanstack/react-query";
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
  let over = session.get().ended !== null;
  const offSession = session.subscribe(() => {
    const { ended, kept } = session.get();
    // What stays for a person who typed needs its data to stay as it is; nothing asks for more of it meanwhile.
    if (ended && !kept) client.clear();
    focusManager.setFocused(ended ? false : undefined);
    if (over && !ended) void client.invalidateQueries({ queryKey: ["me"] });
    over = ended !== null;
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
