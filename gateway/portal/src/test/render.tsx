import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
  Outlet,
} from "@tanstack/react-router";
import { act, render, type RenderResult } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import type { ReactNode } from "react";
import { expect } from "vitest";
import { chooseAgency } from "@/api";
import { createQueryClient } from "@/api/query";
import { App, forgetWhenLeaving } from "@/app";
import { meQuery, type Me } from "@/permissions";
import { makeRouter } from "@/router";
import { Toasts } from "@/ui/toast";
import { person } from "./people";

function testClient() {
  const client = createQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retry: false } });
  return client;
}

/** Renders one component as the person, with a router that knows every address but leads nowhere. */
export async function show(
  element: ReactNode,
  { me = person("qa_reviewer"), path = "/" }: { me?: Me; path?: string } = {},
) {
  const client = testClient();
  client.setQueryData(meQuery.queryKey, me);
  const rootRoute = createRootRoute({
    component: () => (
      <>
        <Outlet />
        <Toasts />
      </>
    ),
  });
  const any = createRoute({ getParentRoute: () => rootRoute, path: "$", component: () => element });
  const index = createRoute({ getParentRoute: () => rootRoute, path: "/", component: () => element });
  const router = createRouter({
    routeTree: rootRoute.addChildren([index, any]),
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  const view = await act(async () => {
    await router.load();
    return render(
      <QueryClientProvider client={client}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>,
    );
  });
  return { ...view, client, router, user: userEvent.setup() };
}

/** Opens an address of the portal as a browser would: routes, shell and guards. The test answers the calls with serve(). */
export async function open(path: string) {
  const client = testClient();
  const agency = new URL(path, "http://x").searchParams.get("agency");
  chooseAgency(agency);
  const router = makeRouter(client, createMemoryHistory({ initialEntries: [path] }));
  const stop = forgetWhenLeaving(client);
  const view: RenderResult = await act(async () => {
    await router.load();
    return render(<App client={client} router={router} />);
  });
  return { ...view, client, router, stop, user: userEvent.setup() };
}

/** No violation of WCAG that can be seen without layout; contrast is checked in the browser. */
export async function expectAccessible(container: Element): Promise<void> {
  const result = await axe.run(container, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  const found = result.violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html).join("\n  ")}`);
  expect(found).toEqual([]);
}
