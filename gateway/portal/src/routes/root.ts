import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, retainSearchParams } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { z } from "zod";
import { chooseAgency } from "@/api";
import type { OperationId } from "@/permissions";
import { NotFound, RouteError } from "@/shell/failures";
import { Root } from "@/shell/Root";

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** Name of the page in the window's title: never a name, a number or anything else of a record. */
    title?: string;
    /** Operations that the page cannot do without; who may not call them all sees why instead of the page. */
    needs?: readonly OperationId[];
    /** The page's help. */
    help?: () => Promise<{ Help: ComponentType }>;
    /** Without the frame of the shell: pages for those who are not signed in. */
    bare?: boolean;
  }
}

const search = z.object({
  /** The agency that a founder works for. */
  agency: z
    .string()
    .regex(/^[1-9]\d{0,18}$/)
    .optional()
    .catch(undefined),
});

/** Parent of every route: the shell around the page. */
export const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  validateSearch: search,
  search: { middlewares: [retainSearchParams(["agency"])] },
  beforeLoad: ({ search: { agency } }) => {
    chooseAgency(agency ?? null);
  },
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: RouteError,
});
